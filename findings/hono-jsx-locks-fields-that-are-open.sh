#!/bin/sh
# In forms hono's JSX takes React's names for attributes and writes them without React's meaning.
#
# hono 4.13.19: `<input readOnly={false}>` becomes `readOnly="false"`, which locks the field, as HTML looks at whether
# the attribute is there. `autoFocus={false}` takes the focus and `noValidate={false}` turns validation off in the same
# way; `disabled={false}` and `required={false}` are left out, as these have one name in both. `<select value="b">` is
# written as it stands, so the first option is chosen; `<textarea value="text">` is empty; `defaultChecked` ticks
# nothing. hono's own types allow every one of these, and `tsc --strict` says nothing.
# Write HTML's names (`readonly`), `selected` at the option, the text as a child, and `checked`.
#
# Seen on 2026-11-30:
#   <input readOnly="false"/> of readOnly={false}, and <input/> of readonly={false}
#   <select value="b"><option value="a">a</option><option value="b">b</option></select>
#   <textarea value="text"></textarea>, <input type="checkbox" defaultChecked="true"/>
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit hono@4.13.19 bun@1.4.5 typescript@5.9.3
cat >try.tsx <<'TSX'
/** @jsxImportSource hono/jsx */
export const fields = [
  <input readOnly={false} />,
  <input readonly={false} />,
  <input autoFocus={false} disabled={false} required={false} />,
  <form noValidate={false}></form>,
  <select value="b">
    <option value="a">a</option>
    <option value="b">b</option>
  </select>,
  <textarea value="text"></textarea>,
  <input type="checkbox" defaultChecked />,
];
for (const field of fields) console.log(String(field));
TSX
node_modules/.bin/bun try.tsx | tee out
node_modules/.bin/tsc --noEmit --strict --skipLibCheck --jsx react-jsx --module esnext --moduleResolution bundler --target esnext --lib esnext,dom try.tsx
echo "types: no complaint" | tee -a out
grep -qxF '<input readOnly="false"/>' out
grep -qxF '<input/>' out
grep -qxF '<input autoFocus="false"/>' out
grep -qxF '<form noValidate="false"></form>' out
grep -qxF '<select value="b"><option value="a">a</option><option value="b">b</option></select>' out
grep -qxF '<textarea value="text"></textarea>' out
grep -qxF '<input type="checkbox" defaultChecked="true"/>' out
