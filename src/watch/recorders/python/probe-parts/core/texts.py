# Commands and other text without credentials.

SECRET_OPTIONS = ('-H', '-b', '--header', '--proxy-header', '--cookie')
LOGIN_OPTIONS = ('-u', '-U', '--user', '--proxy-user')


def clean_text(text):
    """A text without the credentials that can be told in it: URLs, NAME=value, 'name': 'value'."""
    text = text_of(text)
    if not any(sign in text for sign in ('://', '=', ':')):
        return HIDDEN if looks_secret(text) and text[0] not in './~' else text
    if not any(letter in text for letter in ' \t\n\'"'):
        if '://' in text:
            return clean_url(text)
        name, equals, value = text.partition('=' if '=' in text else ':')
        return name + equals + (HIDDEN if is_secret_variable(name) or looks_secret(value) else value)
    import re  # seldom: a command in one argument
    text = re.sub(r'''[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'"<>]+''', lambda found: clean_url(found.group()), text)

    def hide(found):
        name, between, value = found.groups()
        return name + between + (HIDDEN if is_secret_variable(name) or looks_secret(value) else value)
    return re.sub(r'''([\w-]+)(["']?\s*[=:]\s*["']?)([^\s'"&/][^\s'"&]*)''', hide, text)


def clean_argv(argv):
    cleaned, before = [], ''
    for argument in argv:
        is_login = before in LOGIN_OPTIONS and (':' in argument or looks_secret(argument))  # python -u report.py
        is_named = before.startswith('--') and '=' not in before and is_secret_name(before)
        if is_login or is_named or before in SECRET_OPTIONS:
            cleaned.append(HIDDEN)
        else:
            cleaned.append(clean_text(argument))
        before = argument
    return cleaned
