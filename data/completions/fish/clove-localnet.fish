# SPDX-License-Identifier: GPL-3.0-or-later
complete -c clove-localnet -f
complete -c clove-localnet -n __fish_is_first_arg -a 'ctl version'
complete -c clove-localnet -n '__fish_seen_subcommand_from ctl; and test (count (commandline -opc)) -eq 2' -F
complete -c clove-localnet -n '__fish_seen_subcommand_from ctl; and test (count (commandline -opc)) -eq 3' -a 'kill revive freeze restart delay drop lose reorder corrupt lie impersonate error heal list help'
complete -c clove-localnet -l relays -x -d 'Number of relays'
complete -c clove-localnet -l exits -x -d 'How many of them are exits'
complete -c clove-localnet -l base-port -x -d 'Port of the first relay'
complete -c clove-localnet -l write-directory -r -F -d 'Write the relay directory to a file'
complete -c clove-localnet -l origin -x -d 'Serve sites from a web server on this machine'
complete -c clove-localnet -l quirks -x -a reference -d 'Misbehave like the reference relay'
complete -c clove-localnet -l seed -x -d 'Repeat the faults of an earlier run'
complete -c clove-localnet -l control -r -F -d 'Take control lines at a Unix socket too'
complete -c clove-localnet -l keep -d 'Go on when standard input ends'
complete -c clove-localnet -l version -d 'Print the version'
complete -c clove-localnet -s h -l help -d 'List the options'
