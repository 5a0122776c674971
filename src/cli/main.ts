#!/usr/bin/env node
/** Placeholder of the command line. */

process.stdout.write("Usage: alphagrad <command> SOURCE [options]\n");
