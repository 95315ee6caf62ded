# Fixes that `abreast watch --try` asks for. Without it nothing of this part runs.

# A line for each: its name and its arguments, with tabs between them.
FIXES = [line.split('\t') for line in os.environ.get('ABREAST_FIXES', '').split('\n') if line]
FIXED = os.environ.get('ABREAST_FIXED')  # the file that tells which of them took effect


def fixes_named(name):
    return [fix[1:] for fix in FIXES if fix[0] == name]


def fixed(*name):
    """Notes that a fix took effect, by its name and its first argument: without a note, it could not be applied."""
    if not FIXED:
        return
    try:
        descriptor = os_open(FIXED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os_write(descriptor, ('\t'.join(name) + '\n').encode('utf-8'))
        os_close(descriptor)
    except OSError:
        pass  # of a process that outlives the run, whose folder is gone


def fixes(name, *modules):
    """For a function that applies a fix to each of these modules as soon as it is loaded; after all other hooks."""
    def decorate(function):
        for asked in fixes_named(name):
            when_imported(*modules)(lambda module, asked=asked: function(module, *asked))
        return function
    return decorate


def note_variables():
    """Fixes that are a variable alone have taken effect where the process has it."""
    for name, value in fixes_named('variable'):
        if os.environ.get(name) == value:
            fixed('variable', name)


note_variables()
