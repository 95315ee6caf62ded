/**
 * abreast compare: gives a Node program the packages of one folder, hides some of them, or takes some from another
 * folder, for one run. One file that Node loads by NODE_OPTIONS; Node 18 and newer.
 *
 * ABREAST_PACKAGES is a folder that has node_modules; ABREAST_HIDE has the names of packages that can't be found (JSON),
 * ABREAST_OVERLAY the folders of others, by name (JSON). In the folder ABREAST_HIDE_MARK each process writes that this
 * ran, and which hidden packages were asked for.
 */
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

/** Also run by itself in the thread of module hooks, of which it needs nothing from outside. */
function rulesOf({ root, hidden, overlay }) {
  /** '@scope/name' of '@scope/name/file.js'; null: no package. */
  const packageOf = (request) =>
    /^(?:[./#]|[a-z]+:|[A-Z]:\\)/.test(request) ? null : (/^(?:@[^/]+\/)?[^/]+/.exec(request)?.[0] ?? null);
  return {
    isHidden: (request) => hidden.includes(packageOf(request)),
    nameOf: packageOf,
    /** The folder where a package is looked for; null: where Node does. */
    folderFor: (request, from) => {
      const name = packageOf(request);
      if (name === null) return null;
      if (overlay[name] !== undefined) return overlay[name];
      const isInside = from.includes('/node_modules/');
      return root === '' || isInside ? null : root;
    },
  };
}

function install(settings, mark) {
  const told = new Set();
  const tell = (line) => {
    if (told.has(line)) return;
    told.add(line);
    fs.appendFileSync(path.join(mark, `${process.pid}.mark`), `${line}\n`);
  };
  const rules = rulesOf(settings);
  const refused = (request, code) => {
    tell(`asked ${rules.nameOf(request)}`);
    return Object.assign(new Error(`Cannot find module '${request}'`), { code });
  };

  const original = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    if (rules.isHidden(request)) throw refused(request, 'MODULE_NOT_FOUND');
    const folder =
      isMain || Module.isBuiltin(request) ? null : rules.folderFor(request, parent?.filename ?? '');
    if (folder !== null && options?.paths === undefined) {
      try {
        return original.call(this, request, parent, isMain, { ...options, paths: [folder] });
      } catch (error) {
        if (error.code !== 'MODULE_NOT_FOUND') throw error; // it may be beside the program
      }
    }
    return original.call(this, request, parent, isMain, options);
  };

  if (typeof Module.registerHooks === 'function') {
    Module.registerHooks({
      resolve(specifier, context, next) {
        if (context.conditions.includes('require')) return next(specifier, context); // seen above
        if (rules.isHidden(specifier)) throw refused(specifier, 'ERR_MODULE_NOT_FOUND');
        const folder = Module.isBuiltin(specifier)
          ? null
          : rules.folderFor(specifier, context.parentURL ?? '');
        if (folder === null) return next(specifier, context);
        try {
          return next(specifier, { ...context, parentURL: pathToFileURL(path.join(folder, 'x.js')).href });
        } catch (error) {
          if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
          return next(specifier, context);
        }
      },
    });
  } else if (typeof Module.register === 'function') {
    Module.register(
      `data:text/javascript,${encodeURIComponent(`
      import { isBuiltin } from 'node:module';
      import { pathToFileURL } from 'node:url';
      const rules = (${rulesOf})(${JSON.stringify(settings)});
      export async function resolve(specifier, context, next) {
        if (rules.isHidden(specifier))
          throw Object.assign(new Error("Cannot find package '" + specifier + "'"), { code: 'ERR_MODULE_NOT_FOUND' });
        const folder = isBuiltin(specifier) ? null : rules.folderFor(specifier, context.parentURL ?? '');
        if (folder === null) return next(specifier, context);
        try {
          return await next(specifier, { ...context, parentURL: pathToFileURL(folder + '/x.js').href });
        } catch (error) {
          if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
          return next(specifier, context);
        }
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
