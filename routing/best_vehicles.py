"""The best vehicles that a search has found so far, kept in their order."""

from typing import Any

from numba import njit


@njit(nogil=True, cache=True)
def offer(row: int, total: int, vehicle: Any, best: Any, found: int) -> int:
    """Insert a vehicle's total into the ordered best; return how many are held now."""
    best_row, best_total = best
    for i in range(found):
        if vehicle[best_row[i]] == vehicle[row]:
            if best_total[i] <= total:
                return found
            best_row[i : found - 1] = best_row[i + 1 : found].copy()
            best_total[i : found - 1] = best_total[i + 1 : found].copy()
            found -= 1
            break
    place = found
    while place > 0 and (
        best_total[place - 1] > total
        or (best_total[place - 1] == total and vehicle[best_row[place - 1]] > vehicle[row])
    ):
        place -= 1
    if place == len(best_row):
        return found
    held = min(found + 1, len(best_row))
    for i in range(held - 1, place, -1):
        best_row[i], best_total[i] = best_row[i - 1], best_total[i - 1]
    best_row[place], best_total[place] = row, total
    return held
