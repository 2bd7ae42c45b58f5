package meshwork.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is kept of sequences outside the engine: in memory, up to a bound, and in a folder from one start to the next. What was not used
 * for the longest time goes first. Used by the decoding thread.
 */
final class SavedPrefixes {

	/**
	 * @param state as the engine saved it
	 * @param arena of the state
	 * @param bytes of memory that it takes; none while it lies in a file
	 */
	record Saved(Prefix prefix, MemorySegment state, Arena arena, long bytes) {
	}

	private final long most;
	private final Optional<PrefixFolder> folder;
	/** The one that was used last is the last. */
	private final List<Saved> all = new ArrayList<>();
	private volatile long bytes;
	private volatile int count;

	/** @param most bytes of memory that it may take */
	SavedPrefixes(long most, Optional<PrefixFolder> folder) {
		this.most = most;
		this.folder = folder;
		folder.ifPresent(from -> all.addAll(from.read()));
		count = all.size();
	}

	/** The longest that is there, of at least so many tokens. */
	Optional<Saved> find(String scope, int[] tokens, int size, boolean rollback, int least) {
		int longest = least - 1;
		Optional<Saved> best = Optional.empty();
		for (Saved each : all) {
			int common = each.prefix().common(scope, tokens, size);
			if (common > longest && (rollback || common == each.prefix().size())) {
				longest = common;
				best = Optional.of(each);
			}
		}
		best.ifPresent(used -> {
			all.remove(used);
			all.add(used);
		});
		return best;
	}

	/** Whether it would be kept. */
	boolean wants(Prefix prefix, long size) {
		return size <= most && all.stream().noneMatch(each -> each.prefix().equals(prefix));
	}

	void add(Prefix prefix, MemorySegment state, Arena arena) {
		all.add(new Saved(prefix, state, arena, state.byteSize()));
		bytes += state.byteSize();
		count++;
		for (int i = 0; bytes > most;)
			if (all.get(i).bytes() > 0)
				forget(all.get(i));
			else
				i++;
	}

	void forget(Saved saved) {
		if (!all.remove(saved))
			return;
		bytes -= saved.bytes();
		count--;
		saved.arena().close();
	}

	/** Whether what is here will be there at the next start. */
	boolean lasts() {
		return folder.isPresent();
	}

	int count() {
		return count;
	}

	long bytes() {
		return bytes;
	}

	void close() {
		folder.ifPresent(into -> into.write(all));
		List.copyOf(all).forEach(this::forget);
	}
}
