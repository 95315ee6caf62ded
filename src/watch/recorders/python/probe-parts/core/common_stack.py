# A thread that computes is in another place at each look: what these stacks have in common.

LOOPS = ('_run', '_run_once', 'run_forever', 'run_until_complete', 'run', 'runUntilCurrent', 'mainLoop', 'fire_timers')


def is_same_work(one, other):
    """Whether two stacks are of the same call out of an event loop, or of no loop at all."""
    common = common_frames([one, other])
    return bool(common) and common[0]['function'] not in LOOPS


def common_frames(ids):
    """What these stacks have in common from the root, leaf first; the lines are those of the last."""
    stacks = [stack_frames.get(number, [])[::-1] for number in ids]
    depth = 0
    while all(len(stack) > depth and stack[depth]['function'] == stacks[0][depth]['function']
              and stack[depth]['file'] == stacks[0][depth]['file'] for stack in stacks):
        depth += 1
    return stacks[-1][:depth][::-1]


def common_stack(ids):
    """The id of the stack that these have in common."""
    frames = common_frames(ids)
    if not frames:
        return None
    key = tuple((frame['file'], frame['line'], frame['function']) for frame in frames)
    number = stack_ids.get(key)
    if number is None:
        number = stack_ids[key] = next(new_stack_id)
        stack_frames[number] = frames
        trace.write('{"kind":"stack","id":%d,"frames":%s}\n' % (number, dumps(frames)))
    return number
