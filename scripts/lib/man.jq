# SPDX-License-Identifier: Apache-2.0
# A command of argument-parser's help dump as a manual page (man-pages(7), groff_man(7)).
# $path: the names that lead to the command, such as ["moor", "trust", "update"].

# A backslash is roff's escape, a dash is a hyphen unless escaped, a dot or quote begins a request.
def roff: gsub("\\\\"; "\\e") | gsub("-"; "\\-") | gsub("(?<at>^|\n)(?<first>[.'])"; "\(.at)\\&\(.first)");
def bold: "\\fB" + roff + "\\fR";
def italic: "\\fI" + roff + "\\fR";

def name: (if .kind == "short" then "-" else "--" end) + .name;
def value: if .kind == "option" then "=" + (.valueName | ascii_upcase | italic) else "" end;

def synopsis:
  if .kind == "positional" then (.valueName | ascii_upcase | italic)
  else (.preferredName | name | bold) + value end;
def optional($argument): if $argument.isOptional then "[" + . + "]" else . end;
def repeating($argument): if $argument.isRepeating then . + " ..." else . end;

def shown: [.arguments // [] | .[] | select(.shouldDisplay)];

def option:
  ".TP\n"
  + (if .kind == "positional" then (.valueName | ascii_upcase | italic)
     else ([.names[] | name | bold] | join(", ")) + value end)
  + "\n" + ((.abstract // "") | roff)
  + (if .allValues then "\nOne of " + ([.allValues[] | bold] | join(", ")) + "." else "" end)
  + (if .defaultValue then "\nDefault: " + (.defaultValue | bold) + "." else "" end)
  + "\n";

def paragraphs: split("\n\n") | map(
    if startswith("EXIT CODES:\n") then
      ".SH EXIT STATUS\n" + (split("\n")[1:] | map(capture("^ *(?<code>[0-9]+) +(?<words>.*)$")
        | ".TP\n" + (.code | bold) + "\n" + (.words | roff) + "\n") | join(""))
    else (roff) + "\n" end) | join(".PP\n");

def page($path):
  ($path | join("-")) as $page
  | ".\\\" SPDX-License-Identifier: Apache-2.0\n"
  + ".\\\" Written by scripts/man from the command's own help.\n"
  + ".TH " + ($page | ascii_upcase | roff) + " 1 \"\" moor \"moor\"\n"
  + ".SH NAME\n" + ($page | roff) + " \\- " + (.abstract | rtrimstr(".") | roff) + "\n"
  + ".SH SYNOPSIS\n.B " + ($path | join(" ") | roff) + "\n"
  + (if (.subcommands // []) != [] then ".I SUBCOMMAND\n"
     else ([shown[] | . as $argument
             | (if .kind == "positional" and .parsingStrategy == "postTerminator" then "\\-\\- " else "" end) + synopsis
             | repeating($argument) | optional($argument)] | join("\n")) + "\n" end)
  + ".SH DESCRIPTION\n" + (.discussion // .abstract | paragraphs)
  + (if (.subcommands // []) != [] then ".SH SUBCOMMANDS\n"
       + ([.subcommands[] | select(.commandName != "help" and .shouldDisplay) | ".TP\n.BR "
           + ($path + [.commandName] | join("-") | roff) + " (1)\n" + (.abstract | roff) + "\n"] | join(""))
     else "" end)
  + ".SH OPTIONS\n" + ([shown[] | option] | join(""))
  + (if ($path | length) > 1 then ".SH EXIT STATUS\n0 on success; the table of all codes is in\n.BR moor (1).\n" else "" end)
  + ".SH SEE ALSO\n.BR moor (1)\n";

def pages($path): select(.commandName != "help" and .shouldDisplay)
  | ($path + [.commandName]) as $here
  | {name: ($here | join("-")), text: page($here)}, (.subcommands // [] | .[] | pages($here));

.command | pages([])
