# SPDX-License-Identifier: GPL-3.0-or-later
complete -c clove -f
complete -c clove -l demo -d 'Use a network of our own on this computer'
complete -c clove -l hidden -d 'Do not show the window'
complete -c clove -l status -d 'Say in one line how the running program does'
complete -c clove -l rebuild -d 'Have the running program build another circuit'
complete -c clove -l toggle -d 'Switch the proxy of the running program on or off'
complete -c clove -l quit -d 'Quit the running program'
complete -c clove -l version -d 'Print the version'
complete -c clove -s h -l help -d 'List the options'
complete -c clove -l help-all -d 'List all options'
complete -c clove -l help-gapplication -d 'List the options of every GApplication'
complete -c clove -l gapplication-service -d 'Wait for somebody who calls on the session bus'
