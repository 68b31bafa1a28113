"""Does the clock carry on where the time of day jumps?"""

from serving.review.clock import DAY_MS, HOUR_MS, MINUTE_MS


def test_the_time_of_day_is_taken_while_it_runs_steadily(time_of_day):
    clock = time_of_day.clock()
    for _ in range(100):
        time_of_day.pass_days(3)
        assert clock.now_ms() == int(time_of_day.wall * 1000)
        assert clock.is_trusted


def test_small_corrections_are_taken(time_of_day):
    clock = time_of_day.clock()
    clock.now_ms()
    for seconds in (-200, 200, 1800):
        time_of_day.wall += seconds
        assert clock.now_ms() == int(time_of_day.wall * 1000)
        assert clock.is_trusted


def test_a_jump_is_not_taken_and_the_steady_clock_carries_on(time_of_day):
    clock = time_of_day.clock()
    start = clock.now_ms()
    for jump in (-86_400, -1_700_000_000, 400_000_000):
        time_of_day.wall += jump
        time_of_day.pass_days(1 / 24)
        assert start < clock.now_ms() <= start + 3 * HOUR_MS + MINUTE_MS
        assert not clock.is_trusted
        time_of_day.wall -= jump
    clock.now_ms()
    assert clock.is_trusted


def test_after_a_long_stop_the_time_of_day_dates_but_deletes_nothing(time_of_day):
    clock = time_of_day.clock()
    clock.see(int(time_of_day.wall * 1000) - 20 * DAY_MS)
    assert clock.now_ms() == int(time_of_day.wall * 1000)
    assert not clock.is_trusted
    time_of_day.pass_days(1)
    clock.now_ms()
    assert clock.is_trusted


def test_a_short_stop_is_no_jump(time_of_day):
    clock = time_of_day.clock()
    clock.see(int(time_of_day.wall * 1000) - 6 * DAY_MS)
    assert clock.now_ms() == int(time_of_day.wall * 1000)
    assert clock.is_trusted


def test_a_start_before_the_time_that_was_seen_last_goes_on_from_there(time_of_day):
    clock = time_of_day.clock()
    seen = int(time_of_day.wall * 1000) + DAY_MS
    clock.see(seen)
    assert clock.now_ms() == seen
    assert not clock.is_trusted
