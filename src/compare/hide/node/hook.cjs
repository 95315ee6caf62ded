/**
 * abreast compare: gives a Node program the packages of one folder, hides some of them, or takes some from another
 * folder, for one run. One file that Node loads by NODE_OPTIONS; Node 18 and newer.
 *
 * ABREAST_PACKAGES is a folder that has node_modules; ABREAST_HIDE has the folders of packages that can't be found, or
 * their names alone (JSON); ABREAST_OVERLAY the folders that others come from, by where they lie in node_modules: 'a',
 * 'a/node_modules/b' (JSON). In the folder ABREAST_HIDE_MARK each process writes that this ran, and which hidden
 * packages were asked for.
 */
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');

/** Also run by itself in the thread of module hooks, so what it needs is given to it. */
function finderOf({ root, hidden, overlay }, { existsSync }, { basename, dirname, join, sep }) {
  const gone = new Set(hidden);
  const roots = [...new Set([root, ...Object.values(overlay)])].filter(Boolean);

  /** '@scope/name' of '@scope/name/file.js'; null: no package. */
  const packageOf = (request) =>
    /^(?:[./#]|[a-z]+:|[A-Z]:\\)/.test(request) ? null : (/^(?:@[^/]+\/)?[^/]+/.exec(request)?.[0] ?? null);

  /** Where Node looks: in the node_modules of a folder and of all above it. */
  function* above(folder) {
    for (let at = folder; ; at = dirname(at)) {
      if (basename(at) !== 'node_modules') yield join(at, 'node_modules');
      if (dirname(at) === at) return;
    }
  }

  /** 'a/node_modules' of ROOT/node_modules/a/node_modules, '' of the top; null: of none of these folders. */
  const insideOf = (modules) => {
    for (const each of roots) {
      const top = join(each, 'node_modules');
      if (modules === top) return '';
      if (modules.startsWith(top + sep)) return modules.slice(top.length + 1);
    }
    return null;
  };

  /** A package in a node_modules, and before it what replaces it: of the other side, or of the side that runs. */
  const placesIn = (modules, name) => {
    const inside = insideOf(modules);
    if (inside === null) return [join(modules, name)];
    const key = join(inside, name);
    const from = [overlay[key], root].filter(Boolean).map((each) => join(each, 'node_modules', key));
    return [...from, join(modules, name)];
  };

  /**
   * The folder from which Node finds the right copy of a package: null: it does so by itself. undefined: hidden.
   * `more`: folders of packages without a node_modules (NODE_PATH).
   */
  const folderFor = (name, from, more) => {
    if (gone.has(name)) return undefined;
    let isHidden = false;
    const isOutside = root !== '' && !roots.some((each) => `${from}${sep}`.startsWith(`${each}${sep}`));
    for (const modules of [...(isOutside ? [join(root, 'node_modules')] : []), ...above(from)]) {
      for (const place of placesIn(modules, name)) {
        if (gone.has(place)) isHidden = true;
        else if (existsSync(place)) return place.slice(0, -join(sep, 'node_modules', name).length);
      }
    }
    return isHidden || more.some((folder) => gone.has(join(folder, name))) ? undefined : null;
  };
  return { packageOf, folderFor };
}

function install(settings, mark) {
  const told = new Set();
  const tell = (line) => {
    if (told.has(line)) return;
    told.add(line);
    fs.appendFileSync(path.join(mark, `${process.pid}.mark`), `${line}\n`);
  };
  const { packageOf, folderFor } = finderOf(settings, fs, path);
  const found = (request, from, more, code) => {
    const name = Module.isBuiltin(request) ? null : packageOf(request);
    const folder = name === null ? null : folderFor(name, from, more);
    if (folder !== undefined) return folder;
    tell(`asked ${name}`);
    throw Object.assign(new Error(`Cannot find module '${request}'`), { code });
  };

  const original = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    const from = parent?.filename ? path.dirname(parent.filename) : process.cwd();
    const folder = isMain ? null : found(request, from, Module.globalPaths, 'MODULE_NOT_FOUND');
    if (folder === null || options?.paths !== undefined)
      return original.call(this, request, parent, isMain, options);
    return original.call(this, request, parent, isMain, { ...options, paths: [folder] });
  };

  if (typeof Module.registerHooks === 'function') {
    Module.registerHooks({
      resolve(specifier, context, next) {
        if (context.conditions.includes('require')) return next(specifier, context); // seen above
        const from = context.parentURL?.startsWith('file:')
          ? path.dirname(fileURLToPath(context.parentURL))
          : process.cwd();
        const folder = found(specifier, from, [], 'ERR_MODULE_NOT_FOUND');
        if (folder === null) return next(specifier, context);
        return next(specifier, { ...context, parentURL: pathToFileURL(path.join(folder, 'x.js')).href });
      },
    });
  } else if (typeof Module.register === 'function') {
    Module.register(
      `data:text/javascript,${encodeURIComponent(`
      import fs from 'node:fs';
      import { isBuiltin } from 'node:module';
      import path from 'node:path';
      import { fileURLToPath, pathToFileURL } from 'node:url';
      const { packageOf, folderFor } = (${finderOf})(${JSON.stringify(settings)}, fs, path);
      export async function resolve(specifier, context, next) {
        const name = isBuiltin(specifier) ? null : packageOf(specifier);
        const from = context.parentURL?.startsWith('file:')
          ? path.dirname(fileURLToPath(context.parentURL))
          : process.cwd();
        const folder = name === null ? null : folderFor(name, from, []);
        if (folder === undefined)
          throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
        if (folder === null) return next(specifier, context);
        return next(specifier, { ...context, parentURL: pathToFileURL(path.join(folder, 'x.js')).href });
      }`)}`,
    );
  }
  tell('ran');
}

const { ABREAST_PACKAGES = '', ABREAST_HIDE, ABREAST_OVERLAY, ABREAST_HIDE_MARK } = process.env;
try {
  const settings = {
    root: ABREAST_PACKAGES,
    hidden: JSON.parse(ABREAST_HIDE || '[]'),
    overlay: JSON.parse(ABREAST_OVERLAY || '{}'),
  };
  if (ABREAST_HIDE_MARK) install(settings, ABREAST_HIDE_MARK);
} catch {
  // no mark: the run is not counted
}
