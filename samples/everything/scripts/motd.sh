#!/bin/sh
# Runs in the image's root as root, after the packages.
set -eu
echo 'A hive of the we4bee network.' > /etc/motd
