package meshwork.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import meshwork.http.Quota.Excess;
import meshwork.http.Quota.Limits;

/** What a caller may have, by a clock that stands still. */
class QuotaTest {

	private static final Limits LIMITS = new Limits(60, 3, 0);

	@Test
	void requestsComeBackOverTime() {
		var quota = new Quota();
		for (int i = 0; i < 3; i++)
			assertTrue(quota.enter("alice", LIMITS, 0).isEmpty());
		assertEquals(Optional.of(Duration.ofSeconds(1)), quota.enter("alice", LIMITS, 0).map(Excess::after));
		assertEquals(Optional.of(Duration.ofMillis(250)), quota.enter("alice", LIMITS, 750_000_000).map(Excess::after));
		assertTrue(quota.enter("alice", LIMITS, 1_000_000_000).isEmpty());
		assertTrue(quota.enter("alice", LIMITS, 1_000_000_000).isPresent());
	}

	@Test
	void whatIsNotUsedDoesNotGrowBeyondTheBurst() {
		var quota = new Quota();
		assertTrue(quota.enter("alice", LIMITS, 0).isEmpty());
		long later = Duration.ofDays(1).toNanos();
		for (int i = 0; i < 3; i++)
			assertTrue(quota.enter("alice", LIMITS, later).isEmpty());
		assertTrue(quota.enter("alice", LIMITS, later).isPresent());
	}

	@Test
	void callersDoNotCostEachOther() {
		var quota = new Quota();
		for (int i = 0; i < 3; i++)
			quota.enter("alice", LIMITS, 0);
		assertTrue(quota.enter("bob", LIMITS, 0).isEmpty());
	}

	@Test
	void whatHasEndedMakesRoomForTheNext() {
		var quota = new Quota();
		var limits = new Limits(0, 1, 2);
		assertTrue(quota.enter("alice", limits, 0).isEmpty());
		assertTrue(quota.enter("alice", limits, 0).isEmpty());
		assertTrue(quota.enter("alice", limits, 0).isPresent());
		quota.leave("alice");
		assertTrue(quota.enter("alice", limits, 0).isEmpty());
	}
}
