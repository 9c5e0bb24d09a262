#!/bin/sh
# Of a refund of 49.99 money-math gives back 9.49 of tax where a sale had 9.50, and of -20.00 in three it makes -6.65 each.
#
# money-math 2.6.3 (the newest): amounts are texts of cents "like "0.25", "1000.00", or "-42.10"", results are "rounded to the whole cent",
# and "money-math guarantees" that they stay amounts. To round it adds a half or a cent to the digits behind the sign as if there
# were none, so a negative result is nearer to 0 by up to two cents, also where nothing is halfway. Rounding to five
# cents ("for bills in CHF that are required by law") takes 10.03 to 10.05 and -10.03 to -9.95, and -0.03 to 0.05, a debt.
# Compute with the amount without its sign, and put that in front again.
#
# Seen on 2026-12-01:
#   19 percent of 49.99: 9.50, of -49.99: -9.49; 49.99 * 0.19: 9.50, -49.99 * 0.19: -9.48 (9.4981)
#   20.00 / 3.00: 6.67, -20.00 / 3.00: -6.65; to five cents 10.03: 10.05, -10.03: -9.95, 0.03: 0.05, -0.03: 0.05
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit money-math@2.6.3
cat >try.mjs <<'JS'
import money from "money-math";

for (const sign of ["", "-"]) {
  console.log(
    [
      `19 percent of ${sign}49.99: ${money.percent(`${sign}49.99`, "19.00")}`,
      `times 0.19: ${money.mul(`${sign}49.99`, "0.19")}`,
      `${sign}20.00 in three: ${money.div(`${sign}20.00`, "3.00")}`,
      `${sign}10.03 to five cents: ${money.roundTo5Cents(`${sign}10.03`)}`,
      `${sign}0.03: ${money.roundTo5Cents(`${sign}0.03`)}`,
    ].join(", "),
  );
}
JS
node try.mjs | tee out
grep -qxF '19 percent of 49.99: 9.50, times 0.19: 9.50, 20.00 in three: 6.67, 10.03 to five cents: 10.05, 0.03: 0.05' out
grep -qxF '19 percent of -49.99: -9.49, times 0.19: -9.48, -20.00 in three: -6.65, -10.03 to five cents: -9.95, -0.03: 0.05' out
