# The installed modules that are loaded, and their versions.

DISTRIBUTIONS = {'OpenSSL': 'pyOpenSSL', 'twisted': 'Twisted', 'scrapy': 'Scrapy', 'dns': 'dnspython',
                 'flask': 'Flask', 'werkzeug': 'Werkzeug', 'yarl': 'yarl'}


def python_version():
    name = getattr(getattr(sys, 'implementation', None), 'name', 'cpython')
    version = '.'.join(str(part) for part in sys.version_info[:3])
    return version if name == 'cpython' else '%s (%s)' % (version, name)


def modules():
    """The installed modules that are loaded: name, version, folder."""
    found = []
    for name, module in sorted(now_in(sys.modules.items()), key=lambda item: item[0]):
        if '.' in name or module is None or name.startswith('_'):
            continue
        where = vars(module).get('__file__') if hasattr(module, '__dict__') else None
        if not where or not ('site-packages' in where or 'dist-packages' in where):
            continue
        described = {'name': DISTRIBUTIONS.get(name, name), 'where': module_folder(where)}
        version = version_of(name)
        if version:
            described['version'] = version
        found.append(described)
    return found


def module_folder(where):
    folder = os.path.dirname(where)
    return folder if os.path.basename(where).startswith('__init__') else where


def version_of(name):
    module = sys.modules.get(name)
    if module is None:
        return None
    where = vars(module).get('__file__') or ''
    installed = installed_versions(os.path.dirname(module_folder(where)))
    version = installed.get(plain_name(DISTRIBUTIONS.get(name, name)))
    for attribute in ('__version__', 'version', 'VERSION'):
        version = version or vars(module).get(attribute)
    return text_of(version) if isinstance(version, (str, TEXT)) and version[:1].isdigit() else None


def plain_name(name):
    return name.lower().replace('-', '_').replace('.', '_')


_versions_of_folder = {}


def installed_versions(folder):
    """Names and versions of the distributions in a folder, from the names of their metadata."""
    if folder not in _versions_of_folder:
        found = _versions_of_folder[folder] = {}
        try:
            for entry in os.listdir(folder):
                if entry.endswith(('.dist-info', '.egg-info')):
                    name, _, version = entry.rpartition('.')[0].partition('-')
                    found[plain_name(name)] = version.partition('-')[0]
        except OSError:
            pass
    return _versions_of_folder[folder]
