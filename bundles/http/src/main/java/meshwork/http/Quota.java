package meshwork.http;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How much each caller may ask for: so many requests a minute, of which some may come at once (a token bucket), and so many that run at
 * the same time. Who asked for nothing lately is forgotten.
 */
final class Quota {

	/**
	 * What each caller may have.
	 *
	 * @param perMinute requests, 0 for any number
	 * @param burst how many of those at once
	 * @param running at the same time, 0 for any number
	 */
	record Limits(int perMinute, int burst, int running) {

		boolean none() {
			return perMinute == 0 && running == 0;
		}

		private double perNano() {
			return perMinute / 60e9;
		}
	}

	/** Why a request is not admitted, and when another may be. */
	record Excess(String message, Duration after) {
	}

	/** What a caller has left, and when that was so. */
	private record Account(double left, long at, int running) {

		Account now(Limits limits, long now) {
			return new Account(Math.min(limits.burst, left + (now - at) * limits.perNano()), now, running);
		}
	}

	private static final int MANY = 1000;

	private final Map<String, Account> accounts = new ConcurrentHashMap<>();

	/** Admits a request, which {@link #leave} has to be called for; or says why not. */
	Optional<Excess> enter(String caller, Limits limits, long now) {
		if (accounts.size() > MANY)
			accounts.values().removeIf(account -> account.running == 0 && account.now(limits, now).left >= limits.burst);
		var excess = new Excess[1];
		accounts.compute(caller, (_, known) -> {
			Account account = known == null ? new Account(limits.burst, now, 0) : known.now(limits, now);
			if (limits.running > 0 && account.running >= limits.running) {
				excess[0] = new Excess("%d requests of yours run already, which is maxRunning of meshwork.http".formatted(account.running), Duration.ofSeconds(1));
				return account;
			}
			if (limits.perMinute > 0 && account.left < 1) {
				excess[0] = new Excess("more than %d requests a minute, which is requestsPerMinute of meshwork.http".formatted(limits.perMinute),
						Duration.ofNanos((long) Math.ceil((1 - account.left) / limits.perNano())));
				return account;
			}
			return new Account(limits.perMinute > 0 ? account.left - 1 : account.left, now, account.running + 1);
		});
		return Optional.ofNullable(excess[0]);
	}

	void leave(String caller) {
		accounts.computeIfPresent(caller, (_, account) -> new Account(account.left, account.at, account.running - 1));
	}
}
