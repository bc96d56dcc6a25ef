"""How far one text is from another."""

from __future__ import annotations

from collections import defaultdict


def changed_share(before: str, after: str) -> float:
    """Return the Levenshtein distance of two texts in characters by the length of the longer one: 0 same, 1 all new.

    Source of the bit-parallel computation: G. Myers, "A Fast Bit-Vector Algorithm for Approximate String Matching Based
    on Dynamic Programming", Journal of the ACM 46 (1999), 395; for two whole texts as in H. Hyyrö, "A Bit-Vector
    Algorithm for Computing Levenshtein and Damerau Edit Distances", Nordic Journal of Computing 10 (2003), 29.
    """
    longer = max(len(before), len(after))
    return _distance(*_apart(before, after)) / longer if longer else 0.0


def _apart(one: str, other: str) -> tuple[str, str]:
    """Return two texts without what they begin and end with in common: most edits touch one place."""
    most = min(len(one), len(other))
    head = next((at for at in range(most) if one[at] != other[at]), most)
    tail = next((at for at in range(most - head) if one[-1 - at] != other[-1 - at]), most - head)
    return one[head : len(one) - tail], other[head : len(other) - tail]


def _distance(one: str, other: str) -> int:
    if not one or not other:
        return len(one) + len(other)
    everywhere: dict[str, int] = defaultdict(int)
    for place, char in enumerate(one):
        everywhere[char] |= 1 << place
    last, whole = 1 << (len(one) - 1), (1 << len(one)) - 1
    more, less, distance = whole, 0, len(one)
    for char in other:
        same = everywhere.get(char, 0)
        diagonal = (((same & more) + more) ^ more) | same | less
        up, down = less | ~(diagonal | more) & whole, more & diagonal
        distance += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        more, less = (down | ~(diagonal | up)) & whole, up & diagonal & whole
    return distance
