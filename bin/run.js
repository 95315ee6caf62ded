'use strict';

// The program itself, in this process: from source in a checkout, built in an installed package (Node strips no
// types under node_modules).

const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const source = path.join(__dirname, '..', 'src', 'cli', 'main.ts');
const built = path.join(__dirname, '..', 'dist', 'cli', 'main.cjs');

// Compiled once, kept in the system's folder for temporary files: a tenth of every later start-up.
enableCompileCache();

if (existsSync(source)) import(pathToFileURL(source).href);
else require(built);
