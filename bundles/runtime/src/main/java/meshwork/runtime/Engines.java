package meshwork.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import meshwork.api.engine.Engine;

/** The engines that are there now. Safe for use by many threads. */
final class Engines {

	private record Offer(Engine engine, Set<String> formats, int ranking, long id) {
	}

	private final List<Offer> offers = new ArrayList<>();
	private long changes;

	/** @param properties of the engine's service */
	synchronized void add(Engine engine, Map<String, Object> properties) {
		var formats = switch (properties.get(Engine.FORMATS)) {
			case String one -> Set.of(one);
			case String[] several -> Set.of(several);
			case null, default -> Set.<String>of();
		};
		offers.add(new Offer(engine, formats, properties.get("service.ranking") instanceof Integer ranking ? ranking : 0,
				properties.get("service.id") instanceof Long id ? id : 0));
		offers.sort(Comparator.comparingInt(Offer::ranking).reversed().thenComparingLong(Offer::id));
		changes++;
		notifyAll();
	}

	synchronized void remove(Engine engine) {
		offers.removeIf(offer -> offer.engine() == engine);
		changes++;
		notifyAll();
	}

	/** Those that load a format, best first. */
	synchronized List<Engine> of(String format) {
		return offers.stream().filter(offer -> offer.formats().contains(format)).map(Offer::engine).toList();
	}

	/** Waits until there is one that loads a format; those that there are then, none if it took too long. */
	synchronized List<Engine> await(String format, Duration time) throws InterruptedException {
		long end = System.nanoTime() + time.toNanos();
		for (long left = time.toMillis(); of(format).isEmpty() && left > 0; left = (end - System.nanoTime()) / 1_000_000)
			wait(left);
		return of(format);
	}

	/** Grows whenever an engine comes or goes. */
	synchronized long changes() {
		return changes;
	}

	/** Waits until an engine has come or gone since. */
	synchronized void awaitChange(long since) throws InterruptedException {
		while (changes == since)
			wait();
	}

	/** What is there, for a person to read. */
	synchronized String told() {
		var formats = new TreeSet<String>();
		offers.forEach(offer -> offer.formats().forEach(format -> formats.add("%s (%s)".formatted(offer.engine().description().name(), format))));
		return formats.isEmpty() ? "no engine is running" : "running are " + String.join(", ", formats);
	}
}
