"""Print the list of cases: number, what is tried, the test that holds it or why there is none."""

from __future__ import annotations

from .listing import LEFT_OUT, held, titles


def main() -> None:
    tests, left_out = held(), 0
    for case, title in titles().items():
        found = tests.get(case, [])
        if found:
            where = found[0] + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        else:
            left_out += 1
            where = f"left out: {LEFT_OUT.get(case, 'no reason is given')}"
        print(f"{case}  {title}\n        {where}")
    print(f"\n{len(titles()) - left_out} cases are held, {left_out} are left out.")


if __name__ == "__main__":
    main()
