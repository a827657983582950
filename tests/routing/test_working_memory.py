"""Memories are lent to one search at a time, and come back clean or not at all."""

import pytest

from routing.working_memory import MAX_IDLE, WorkingMemories


def test_a_memory_given_back_is_lent_again_and_never_twice_at_once() -> None:
    memories = WorkingMemories[list[int]](list)
    with memories.lent() as one, memories.lent() as other:
        assert one is not other
    with memories.lent() as again:
        assert again is one


def test_one_with_which_a_search_failed_does_not_come_back() -> None:
    memories = WorkingMemories[list[int]](list)
    with pytest.raises(ZeroDivisionError), memories.lent() as failed:
        failed.append(1 // 0)
    with memories.lent() as next_one:
        assert next_one is not failed


def test_no_more_are_kept_than_can_be_used_at_once() -> None:
    memories = WorkingMemories[list[int]](list)

    def borrow(left: int) -> None:
        with memories.lent():
            if left:
                borrow(left - 1)

    borrow(3 * MAX_IDLE)
    assert len(memories._idle) == MAX_IDLE
