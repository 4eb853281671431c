#!/usr/bin/env node
// A file of its own, because package managers link it at the installation, before a checkout is built.
import '../dist/main.js';
