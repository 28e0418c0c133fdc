/** How a credential stands in the texts that people and programs send. */

/** `AZURE_OPENAI_API_KEY` in the ways in which names are joined. */
export interface Names {
  readonly screaming: string;
  readonly snake: string;
  readonly kebab: string;
  readonly camel: string;
  readonly pascal: string;
  readonly words: string;
  readonly vendor: string;
}

export function namesOf(screaming: string): Names {
  const parts = screaming.toLowerCase().split('_');
  const pascal = parts.map((part) => part[0]!.toUpperCase() + part.slice(1)).join('');
  return {
    screaming,
    snake: parts.join('_'),
    kebab: parts.join('-'),
    camel: pascal[0]!.toLowerCase() + pascal.slice(1),
    pascal,
    words: parts.join(' '),
    vendor: parts[0]!,
  };
}

type Write = (names: Names, value: string) => string;

/** The name stands beside the value. */
export const NAMED_WRITINGS: Readonly<Record<string, Write>> = {
  env: (n, v) => `${n.screaming}=${v}`,
  'env, lines': (n, v) => `PORT=80\n${n.screaming}=${v}\nREGION=eu\n`,
  'env, double quotes': (n, v) => `${n.screaming}="${v}"`,
  'env, quotes': (n, v) => `${n.screaming}='${v}'`,
  export: (n, v) => `export ${n.screaming}=${v}`,
  'export, quotes': (n, v) => `export ${n.screaming}="${v}" && ./run.sh`,
  'cmd set': (n, v) => `set ${n.screaming}=${v}\r\nrun.exe`,
  setx: (n, v) => `setx ${n.screaming} "${v}"`,
  powershell: (n, v) => `$env:${n.screaming} = "${v}"`,
  fish: (n, v) => `set -gx ${n.screaming} ${v}`,
  'dockerfile env': (n, v) => `ENV ${n.screaming}=${v}`,
  'dockerfile old env': (n, v) => `ENV ${n.screaming} ${v}`,
  'docker -e': (n, v) => `docker run -e ${n.screaming}=${v} -p 80:80 app`,
  'compose list': (n, v) => `    environment:\n      - ${n.screaming}=${v}`,
  'compose map': (n, v) => `    environment:\n      ${n.screaming}: ${v}`,
  k8s: (n, v) => `        - name: ${n.screaming}\n          value: "${v}"`,
  'yaml snake': (n, v) => `${n.snake}: ${v}\n`,
  'yaml kebab': (n, v) => `  ${n.kebab}: "${v}"\n`,
  'yaml camel': (n, v) => `  ${n.camel}: '${v}'\n`,
  'yaml section': (n, v) => `${n.vendor}:\n  ${n.snake.slice(n.vendor.length + 1)}: ${v}\n`,
  toml: (n, v) => `${n.snake} = "${v}"`,
  ini: (n, v) => `[${n.vendor}]\n${n.snake}=${v}\n`,
  properties: (n, v) => `app.${n.words.replaceAll(' ', '.')}=${v}`,
  'properties kebab': (n, v) => `${n.vendor}.${n.kebab} = ${v}`,
  json: (n, v) => `{"${n.snake}":"${v}","x":1}`,
  'json camel': (n, v) => `{\n  "${n.camel}": "${v}",\n  "x": 1\n}`,
  'json screaming': (n, v) => `{"env": {"${n.screaming}": "${v}"}}`,
  'json name value': (n, v) => `{"name":"${n.screaming}","value":"${v}"}`,
  'json in json': (n, v) => `{"arguments":"{\\"${n.snake}\\":\\"${v}\\"}"}`,
  'js const': (n, v) => `const ${n.camel} = '${v}';`,
  'js let': (n, v) => `let ${n.camel}=\`${v}\`;`,
  'js property': (n, v) => `  ${n.camel}: '${v}',`,
  'js fallback': (n, v) => `const key = process.env.${n.screaming} || "${v}";`,
  'js nullish': (n, v) => `key: process.env.${n.screaming} ?? '${v}',`,
  'js env': (n, v) => `process.env.${n.screaming} = "${v}";`,
  'ts typed': (n, v) => `private readonly ${n.camel}: string = '${v}';`,
  py: (n, v) => `${n.screaming} = '${v}'`,
  'py snake': (n, v) => `    ${n.snake}="${v}",`,
  'py dict': (n, v) => `config = {'${n.snake}': '${v}'}`,
  'py environ': (n, v) => `os.environ["${n.screaming}"] = "${v}"`,
  'py getenv': (n, v) => `os.getenv('${n.screaming}', '${v}')`,
  'py typed': (n, v) => `${n.snake}: str = "${v}"`,
  go: (n, v) => `${n.camel} := "${v}"`,
  'go const': (n, v) => `const ${n.pascal} = "${v}"`,
  'go struct': (n, v) => `\t${n.pascal}: "${v}",`,
  'go var': (n, v) => `var ${n.camel} string = "${v}"`,
  java: (n, v) => `private static final String ${n.screaming} = "${v}";`,
  'c#': (n, v) => `public const string ${n.pascal} = "${v}";`,
  kotlin: (n, v) => `val ${n.camel}: String = "${v}"`,
  swift: (n, v) => `let ${n.camel} = "${v}"`,
  objc: (n, v) => `NSString *${n.camel} = @"${v}";`,
  rust: (n, v) => `const ${n.screaming}: &str = "${v}";`,
  'c define': (n, v) => `#define ${n.screaming} "${v}"`,
  'c array': (n, v) => `static const char ${n.snake}[] = "${v}";`,
  'ruby hash': (n, v) => `  :${n.snake} => '${v}',`,
  'ruby symbol': (n, v) => `${n.snake}: '${v}'`,
  'ruby or': (n, v) => `ENV['${n.screaming}'] ||= '${v}'`,
  php: (n, v) => `$${n.camel} = '${v}';`,
  'php array': (n, v) => `'${n.snake}' => '${v}',`,
  'php define': (n, v) => `define('${n.screaming}', '${v}');`,
  'php putenv': (n, v) => `putenv("${n.screaming}=${v}");`,
  perl: (n, v) => `my $${n.snake} = "${v}";`,
  lua: (n, v) => `local ${n.snake} = [[${v}]]`,
  r: (n, v) => `Sys.setenv(${n.screaming} = "${v}")`,
  elixir: (n, v) => `config :app, ${n.snake}: "${v}"`,
  scala: (n, v) => `val ${n.camel}="""${v}"""`,
  hcl: (n, v) => `  ${n.snake} = "${v}"`,
  'hcl aligned': (n, v) => `  ${n.snake.padEnd(26)} = "${v}"`,
  'hcl variable': (n, v) => `variable "${n.snake}" {\n  default = "${v}"\n}`,
  'tfvars tab': (n, v) => `${n.snake}\t=\t"${v}"`,
  'xml element': (n, v) => `<${n.camel}>${v}</${n.camel}>`,
  'xml attribute': (n, v) => `<service ${n.camel}="${v}" timeout="3"/>`,
  'xml key value': (n, v) => `<add key="${n.pascal}" value="${v}" />`,
  'android string': (n, v) => `<string name="${n.snake}">${v}</string>`,
  plist: (n, v) => `<key>${n.pascal}</key>\n\t<string>${v}</string>`,
  flag: (n, v) => `tool login --${n.kebab} ${v} --verbose`,
  'flag equals': (n, v) => `tool --${n.kebab}=${v}`,
  'curl header': (n, v) => `curl https://api.${n.vendor}.com/v1 -H "${n.kebab}: ${v}"`,
  'curl x header': (n, v) => `curl -H 'X-${n.kebab}: ${v}' https://api.madeup.dev/v1`,
  query: (n, v) => `GET https://api.${n.vendor}.com/v2/items?${n.snake}=${encodeURIComponent(v)}&limit=5`,
  call: (n, v) => `client = Client(${n.snake}="${v}", timeout=3)`,
  'set call': (n, v) => `config.set("${n.snake}", "${v}")`,
  setter: (n, v) => `builder.set${n.pascal}("${v}");`,
  prose: (n, v) => `my ${n.words} is ${v} and it does not work`,
  'prose colon': (n, v) => `Here is the ${n.words}: ${v}`,
  comment: (n, v) => `# ${n.words}: ${v}`,
  markdown: (n, v) => `- **${n.words}**: \`${v}\``,
  table: (n, v) => `| ${n.screaming} | ${v} |`,
  'secret set': (n, v) => `gh secret set ${n.screaming} --body "${v}"`,
  csv: (n, v) => `name,value\n${n.screaming},${v}\n`,
  'trailing comment': (n, v) => `${n.screaming}=${v} # rotate me`,
  'no space colon': (n, v) => `${n.screaming}:${v}`,
  spaces: (n, v) => `${n.snake}   =   ${v}`,
};

/** The value stands for itself. */
export const BARE_WRITINGS: Readonly<Record<string, Write>> = {
  bare: (_, v) => v,
  'bare, end of line': (_, v) => `${v}\n`,
  'bare, in prose': (_, v) => `I pasted ${v} by mistake.`,
  'bare, comma': (_, v) => `try ${v}, please`,
  'bare, quotes': (_, v) => `"${v}"`,
  'bare, backticks': (_, v) => `\`${v}\``,
  'bare, parentheses': (_, v) => `(${v})`,
  'bare, list': (_, v) => `["a","${v}","b"]`,
  'bare, after colon': (_, v) => `x:${v}`,
  'bare, bearer': (_, v) => `Authorization: Bearer ${v}`,
  'bare, chat': (_, v) => `{"role":"user","content":"why does ${v} fail?\\n"}`,
  'bare, angle': (_, v) => `<b>${v}</b>`,
  'bare, semicolon': (_, v) => `a=1;b=${v};c=3`,
  'bare, line of many': (_, v) => `one\n${v}\ntwo`,
};
