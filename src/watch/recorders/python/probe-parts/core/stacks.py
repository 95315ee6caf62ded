# Stacks: each one is written once, and other records name it by its number.

MAX_FRAMES, MAX_STACKS = 60, 5000
stack_ids, stack_frames, kept_codes = {}, {}, []
new_stack_id = itertools.count(1)


def stack_of(frame, above=None, roots=()):
    """The id of the stack that ends in `frame`, followed by the stack `above`, where this work was handed over.

    Frames of the code in `roots`, and those that called them, are left out.
    """
    key = [above]
    add = key.append
    at = frame
    for _ in range(MAX_FRAMES):
        code = id(at.f_code)
        if code in roots:
            break
        add(code)
        add(at.f_lasti)
        at = at.f_back
        if at is None:
            break
    key = tuple(key)
    return stack_ids.get(key) or _new_stack(key, _frames_from(frame, roots), above)


def outside():
    """The innermost frame that is not of this file."""
    frame = get_frame(1)
    while frame.f_code.co_filename == OWN_FILE and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _frames_from(frame, roots=()):
    while frame is not None and id(frame.f_code) not in roots:
        yield frame
        frame = frame.f_back


def stack_of_frames(frames, above=None):
    """The same for frames that are not linked, as those of a suspended coroutine; leaf first."""
    key = [above]
    for frame in frames:
        key.append(id(frame.f_code))
        key.append(frame.f_lasti)
    return stack_ids.get(tuple(key)) or _new_stack(tuple(key), frames, above)


loop_codes = set()  # id(code) of what runs units of work: the frames below it are the same for all units


def _new_stack(key, frames, above):
    if len(stack_ids) >= MAX_STACKS:
        return None
    described = []
    for frame in frames:
        code = frame.f_code
        if code.co_filename != OWN_FILE and len(described) < MAX_FRAMES:
            kept_codes.append(code)  # their addresses are the key
            described.append(describe(frame))
    described += stack_frames.get(above, [])
    if not described:
        return None
    number = stack_ids[key] = next(new_stack_id)
    stack_frames[number] = described
    trace.write('{"kind":"stack","id":%d,"frames":%s}\n' % (number, dumps(described)))
    return number


def describe(frame):
    code = frame.f_code
    described = {'function': code.co_name, 'file': file_of(code), 'line': frame.f_lineno or code.co_firstlineno}
    owner = class_of_self(frame)
    if owner:
        described['self'] = owner
    return described
