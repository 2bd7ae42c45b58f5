package meshwork.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.SequenceMemory;

/**
 * The sequences of a session. Some are decoded; some were, and are kept because a later prompt may begin as they do; the others are
 * free. What was kept and not used for the longest time gives way first: it is saved outside the engine. Cells that several sequences
 * begin with are shared, so that taking over what is kept costs nothing. Used by the decoding thread.
 */
final class Sequences {

	/** @param since what the clock said when it was used */
	private record Kept(Prefix prefix, int sequence, long since) {
	}

	/**
	 * Rows of running streams look at every cell in use, if only to pass it over. After so many it would have been cheaper to save what
	 * is kept and to restore it; a few cells are never worth it.
	 */
	private static final int PATIENCE = 128;
	private static final int FEW = 128;

	private final SequenceMemory memory;
	private final boolean rollback;
	private final int mostCells;
	private final SavedPrefixes saved;
	private final int[] free;
	private int freeCount;
	/** The one that was used last is the last. */
	private final List<Kept> kept = new ArrayList<>();
	private long clock;
	private volatile int keptCells;
	private volatile int keptCount;

	/**
	 * @param rollback whether a sequence can be cut back to any length
	 * @param count how many sequences there are, in use or not
	 * @param mostCells how many cells may be kept: a step looks at each of them, if only to pass it over
	 */
	Sequences(SequenceMemory memory, boolean rollback, int count, int mostCells, SavedPrefixes saved) {
		this.memory = memory;
		this.rollback = rollback;
		this.mostCells = mostCells;
		this.saved = saved;
		free = new int[count];
		for (int sequence = count - 1; sequence >= 0; sequence--)
			free[freeCount++] = sequence;
	}

	/** An empty sequence. */
	int begin() {
		if (freeCount == 0)
			giveWay();
		return free[--freeCount];
	}

	/** Forgets what a sequence holds. */
	void free(int sequence) {
		memory.remove(sequence, 0, -1);
		free[freeCount++] = sequence;
	}

	/**
	 * Fills an empty sequence with what is known of some tokens.
	 *
	 * @param most how many of the tokens it may be
	 * @param least with fewer it stays empty
	 * @return how many it is
	 */
	int recall(String scope, int[] tokens, int most, int least, int sequence) {
		int longest = Math.max(least, Prefix.LEAST) - 1;
		Optional<Kept> best = Optional.empty();
		for (Kept each : kept) {
			int common = each.prefix().common(scope, tokens, most);
			if (common > longest && (rollback || common == each.prefix().size())) {
				longest = common;
				best = Optional.of(each);
			}
		}
		Optional<SavedPrefixes.Saved> outside = saved.find(scope, tokens, most, rollback, longest + Prefix.LEAST);
		if (outside.isPresent()) {
			int restored = restore(outside.get(), scope, tokens, most, sequence);
			if (restored > 0)
				return restored;
		}
		if (best.isEmpty() || !kept.remove(best.get()))
			return 0;
		used(best.get());
		memory.copy(best.get().sequence(), sequence, 0, longest);
		return longest;
	}

	private void used(Kept one) {
		kept.add(new Kept(one.prefix(), one.sequence(), clock));
	}

	/** A step had so many rows of running streams. */
	void passedOver(int rows) {
		clock += rows;
		if (keptCells >= FEW && kept.getFirst().since() + PATIENCE < clock)
			giveWay();
	}

	/** What is kept gives way until the saved state fits. */
	private int restore(SavedPrefixes.Saved state, String scope, int[] tokens, int most, int sequence) {
		while (true)
			try {
				memory.restore(sequence, state.state());
				int common = state.prefix().common(scope, tokens, most);
				memory.remove(sequence, common, -1);
				return common;
			} catch (EngineFailed e) {
				if (!giveWay()) {
					saved.forget(state);
					return 0;
				}
			}
	}

	/** Takes over a sequence that is not decoded any more, and holds these tokens. */
	void end(String scope, int[] tokens, int size, int sequence) {
		if (size < Prefix.LEAST)
			free(sequence);
		else
			keep(Prefix.of(scope, tokens, size), sequence);
	}

	/** Keeps what a sequence holds now, which goes on: of a model that can't go back, the end of a prompt. */
	void note(String scope, int[] tokens, int size, int sequence) {
		if (size < Prefix.LEAST)
			return;
		int copy = begin();
		memory.copy(sequence, copy, 0, size);
		keep(Prefix.of(scope, tokens, size), copy);
	}

	private void keep(Prefix prefix, int sequence) {
		Optional<Kept> other = kept.stream().filter(each -> rollback ? each.prefix().covers(prefix) : each.prefix().equals(prefix)).findFirst();
		if (other.isPresent()) {
			kept.remove(other.get());
			used(other.get());
			free(sequence);
			return;
		}
		if (rollback)
			for (Kept each : List.copyOf(kept))
				if (prefix.covers(each.prefix())) {
					kept.remove(each);
					free(each.sequence());
				}
		kept.add(new Kept(prefix, sequence, clock));
		count();
		while (keptCells > mostCells && giveWay())
			;
	}

	/** Lets go of what was not used for the longest time; false when nothing is kept. */
	boolean giveWay() {
		if (kept.isEmpty())
			return false;
		Kept oldest = kept.removeFirst();
		save(oldest);
		free(oldest.sequence());
		count();
		return true;
	}

	private void save(Kept one) {
		long bytes = memory.bytes(one.sequence());
		if (!saved.wants(one.prefix(), bytes))
			return;
		Arena arena = Arena.ofShared();
		MemorySegment state = arena.allocate(bytes, Long.BYTES);
		saved.add(one.prefix(), state.asSlice(0, memory.save(one.sequence(), state)), arena);
	}

	/** Cells that several share are counted once: of those that begin alike, sorted, each adds what it has beyond the one before. */
	private void count() {
		List<int[]> sorted = kept.stream().map(each -> each.prefix().tokens()).sorted(Comparator.comparing(tokens -> tokens, Arrays::compare)).toList();
		int cells = 0;
		int[] before = {};
		for (int[] tokens : sorted) {
			int different = Arrays.mismatch(before, tokens);
			cells += different < 0 ? 0 : tokens.length - different;
			before = tokens;
		}
		keptCells = cells;
		keptCount = kept.size();
	}

	/** Cells that are kept; may be asked by any thread. */
	int keptCells() {
		return keptCells;
	}

	/** Prompts that are kept, in the engine or outside it; may be asked by any thread. */
	int keptCount() {
		return keptCount + saved.count();
	}

	/** What is kept outside the engine; may be asked by any thread. */
	long savedBytes() {
		return saved.bytes();
	}

	/** The session can't be used any more: only what is outside the engine is left. */
	void abandon() {
		saved.close();
	}

	/** Lets go of everything, into the folder where there is one. */
	void close() {
		for (Kept each : kept) {
			if (saved.lasts())
				save(each);
			free(each.sequence());
		}
		kept.clear();
		saved.close();
	}
}
