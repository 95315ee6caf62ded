// Texts and arguments without the credentials that can be recognized in them.

/** A text without the credentials that can be recognized in it: URLs, NAME=value, "name": "value". */
function cleanText(text) {
  return hideKnown(text)
    .replace(/[^\s'"<>`]+/g, (word) => {
      if (/[?#]|\/\//.test(word)) return cleanUrl(word);
      return word.includes('&') ? cleanParameters(word) : word;
    })
    .replace(
      /(^|[^\w&?-])(-{0,2}[A-Za-z][\w.-]*)(=|["']\s*[:=]\s*["']|=["'])([^\s'"&]+)/g,
      (whole, before, name, equals, value) =>
        isSecretVariable(name) || looksSecret(value) ? before + name + equals + HIDDEN : whole,
    );
}

function cleanArgument(argument, index, all) {
  const before = index > 0 ? all[index - 1] : '';
  if (/^(-H|--header|-b|--cookie)$/.test(before)) return HIDDEN;
  if (/^(-u|--user)$/.test(before) && (argument.includes(':') || looksSecret(argument))) return HIDDEN;
  if (/^--?[\w-]+$/.test(before) && isSecretName(before) && !/^-/.test(argument)) return HIDDEN;
  return cleanText(argument);
}
