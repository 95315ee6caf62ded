# What the first records say of this process and its host, and what the environment variables ask for.

def number_after(text, name):
    at = text.find(name)
    if at < 0:
        return None
    digits = ''.join(itertools.takewhile(str.isdigit, str(text[at + len(name):])))
    return int(digits) if digits else None


def alive(pid):
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != 3  # ESRCH
    return True


def process_group():
    return os.getpgrp() if hasattr(os, 'getpgrp') else None


def command_line():
    if hasattr(sys, 'orig_argv'):
        return list(sys.orig_argv)
    try:
        with open('/proc/self/cmdline', 'rb') as file:
            return [part.decode('utf-8', 'replace') for part in file.read().split(b'\0')[:-1]]
    except Exception:
        return [sys.executable or 'python'] + list(getattr(sys, 'argv', []))


def host():
    try:
        cpus = len(os.sched_getaffinity(0))
    except Exception:
        try:
            cpus = os.sysconf('SC_NPROCESSORS_ONLN')
        except Exception:
            cpus = 1
    kernel = os.uname()[2] if hasattr(os, 'uname') else ''
    return {'os': 'linux' if LINUX else sys.platform, 'kernel': kernel, 'cpus': cpus}


waited_for_cpu = {}  # the kernel's id of a thread -> microseconds that it was ready and waited for a CPU


def count_run_queue():
    """How long the threads of this process, those that have ended too, waited for a CPU until now."""
    if not os.path.exists('/proc/self/schedstat'):
        return None
    for tid in os.listdir('/proc/self/task')[:MOST_THREADS]:
        if tid == str(sampler.tid):
            continue  # it is none of the program
        try:
            waited_for_cpu[tid] = int(read_file('/proc/self/task/%s/schedstat' % tid).split()[1]) // 1000
        except Exception:  # it has ended
            pass
    return sum(waited_for_cpu.values()) - waited_before[0]


MOST_THREADS = 500
waited_before = [0]  # what was waited before the probe was loaded
SEES = ['exchange', 'connection', 'connectionClosed', 'stack', 'block', 'ready', 'environment', 'wantedUs', 'calledUs',
        'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs', 'readUs', 'status', 'unit', 'thread', 'resource', 'hold',
        'from', 'retryAfterSeconds', 'runQueueUs']
KEEP_URLS = bool(os.environ.get('ABREAST_KEEP_URLS'))
DEBUG = bool(os.environ.get('ABREAST_DEBUG'))
trace = None
