package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Sampler;
import meshwork.api.engine.SequenceMemory;

/**
 * A {@code llama_batch} that is filled in place, and the walks of samplers along it. What would end the process in llama.cpp,
 * or be refused there without a word, is refused here when it is added.
 */
final class LlamaBatch implements Batch {

	private static final int NONE = -1;

	private final int capacity;
	private final int sequences;
	private final int vocabulary;
	private final LlamaSession session;

	private final MemorySegment struct;
	private final long countOffset;
	private final MemorySegment tokens;
	private final MemorySegment positions;
	private final MemorySegment sequenceCounts;
	private final MemorySegment sequenceIds;
	private final MemorySegment outputs;
	private int size;

	/** Rows drafted after a row: the first, and after each the next. */
	private final int[] firstDraft;
	private final int[] nextDraft;
	private final LlamaSampler[] samplers;

	/** What the walks picked, one after the other; where a row's walk begins there, and how long it is. */
	private final int[] pickedTokens;
	private final int[] pickedSources;
	private final int[] walkStart;
	private final int[] walkLength;

	/** Where each sequence goes on, while a batch is checked. */
	private final int[] next;

	LlamaBatch(LlamaSession session, LlamaLibrary library, Arena arena, int capacity, int sequences, int vocabulary) {
		this.session = session;
		this.capacity = capacity;
		this.sequences = sequences;
		this.vocabulary = vocabulary;
		tokens = arena.allocate(JAVA_INT, capacity);
		positions = arena.allocate(JAVA_INT, capacity);
		sequenceCounts = arena.allocate(JAVA_INT, capacity);
		sequenceIds = arena.allocate(JAVA_INT, (long) capacity * sequences);
		outputs = arena.allocate(JAVA_BYTE, capacity);
		MemorySegment sequenceLists = arena.allocate(ADDRESS, capacity);
		for (int row = 0; row < capacity; row++)
			sequenceLists.setAtIndex(ADDRESS, row, sequenceIds.asSlice(JAVA_INT.byteSize() * row * sequences));
		struct = library.allocate("llama_batch", arena);
		countOffset = library.release.offset("llama_batch", "n_tokens");
		library.set(struct, "llama_batch", "token", tokens);
		library.set(struct, "llama_batch", "pos", positions);
		library.set(struct, "llama_batch", "n_seq_id", sequenceCounts);
		library.set(struct, "llama_batch", "seq_id", sequenceLists);
		library.set(struct, "llama_batch", "logits", outputs);
		firstDraft = new int[capacity];
		nextDraft = new int[capacity];
		samplers = new LlamaSampler[capacity];
		pickedTokens = new int[capacity];
		pickedSources = new int[capacity];
		walkStart = new int[capacity];
		walkLength = new int[capacity];
		next = new int[sequences];
	}

	@Override
	public void clear() {
		Arrays.fill(samplers, 0, size, null);
		size = 0;
	}

	@Override
	public int size() {
		return size;
	}

	@Override
	public int capacity() {
		return capacity;
	}

	@Override
	public int add(int token, int position, int sequence) {
		check(token, position);
		int row = next();
		sequenceIds.setAtIndex(JAVA_INT, (long) row * sequences, Objects.checkIndex(sequence, sequences));
		return add(row, token, position, 1);
	}

	@Override
	public int add(int token, int position, int[] shared) {
		check(token, position);
		if (shared.length < 1 || shared.length > sequences)
			throw new IllegalArgumentException("a row of " + shared.length + " sequences in a session of " + sequences);
		int row = next();
		for (int i = 0; i < shared.length; i++) {
			for (int j = 0; j < i; j++)
				if (shared[i] == shared[j])
					throw new IllegalArgumentException("sequence " + shared[i] + " twice in one row");
			sequenceIds.setAtIndex(JAVA_INT, (long) row * sequences + i, Objects.checkIndex(shared[i], sequences));
		}
		return add(row, token, position, shared.length);
	}

	private void check(int token, int position) {
		if (token < 0 || token >= vocabulary)
			throw new IllegalArgumentException("token " + token + " in a vocabulary of " + vocabulary);
		if (position < 0)
			throw new IllegalArgumentException("position " + position);
	}

	private int next() {
		if (size == capacity)
			throw new IndexOutOfBoundsException("the batch is full: it takes " + capacity + " rows");
		return size;
	}

	private int add(int row, int token, int position, int sequenceCount) {
		tokens.setAtIndex(JAVA_INT, row, token);
		positions.setAtIndex(JAVA_INT, row, position);
		sequenceCounts.setAtIndex(JAVA_INT, row, sequenceCount);
		outputs.set(JAVA_BYTE, row, (byte) 0);
		firstDraft[row] = NONE;
		nextDraft[row] = NONE;
		samplers[row] = null;
		walkLength[row] = 0;
		size = row + 1;
		return row;
	}

	@Override
	public void output(int row) {
		outputs.set(JAVA_BYTE, Objects.checkIndex(row, size), (byte) 1);
	}

	@Override
	public void sample(int row, Sampler sampler) {
		output(row);
		samplers[row] = session.own(sampler);
	}

	@Override
	public void draft(int row, int parent) {
		output(row);
		if (parent < 0 || parent >= row)
			throw new IllegalArgumentException("row " + row + " can't be drafted after row " + parent + ": a parent comes before");
		for (int sibling = firstDraft[parent]; sibling != NONE; sibling = nextDraft[sibling])
			if (token(sibling) == token(row))
				throw new IllegalArgumentException("token " + token(row) + " is drafted twice after row " + parent);
		nextDraft[row] = firstDraft[parent];
		firstDraft[parent] = row;
	}

	private int token(int row) {
		return tokens.getAtIndex(JAVA_INT, row);
	}

	/**
	 * The batch for {@code llama_decode}.
	 *
	 * @param all have every row computed: what llama.cpp does with hidden states anyway, after a complaint
	 * @param memory where the sequences end now
	 */
	MemorySegment filled(boolean all, SequenceMemory memory) {
		if (size == 0)
			throw new IllegalArgumentException("the batch is empty");
		checkPositions(memory);
		if (all)
			outputs.asSlice(0, size).fill((byte) 1);
		struct.set(JAVA_INT, countOffset, size);
		return struct;
	}

	private void checkPositions(SequenceMemory memory) {
		Arrays.fill(next, NONE);
		for (int row = 0; row < size; row++) {
			int position = positions.getAtIndex(JAVA_INT, row);
			int count = sequenceCounts.getAtIndex(JAVA_INT, row);
			for (int i = 0; i < count; i++) {
				int sequence = sequenceIds.getAtIndex(JAVA_INT, (long) row * sequences + i);
				int expected = next[sequence] == NONE ? memory.end(sequence) : next[sequence];
				if (position != expected)
					throw new IllegalArgumentException("row " + row + " is position " + position + " of sequence " + sequence
							+ ", which goes on at " + expected);
				next[sequence] = position + 1;
			}
		}
	}

	/** After a decode: samples from the rows, and goes on where what was picked had been drafted. */
	void walk(Llama calls, MemorySegment context) {
		int picked = 0;
		for (int start = 0; start < size; start++) {
			LlamaSampler sampler = samplers[start];
			if (sampler == null)
				continue;
			walkStart[start] = picked;
			int row = start;
			while (row != NONE) {
				int token = sampler.pick(context, row);
				pickedTokens[picked] = token;
				pickedSources[picked++] = row;
				row = drafted(row, token);
			}
			walkLength[start] = picked - walkStart[start];
		}
	}

	private int drafted(int parent, int token) {
		int row = firstDraft[parent];
		while (row != NONE && token(row) != token)
			row = nextDraft[row];
		return row;
	}

	@Override
	public int picked(int row) {
		return walkLength[Objects.checkIndex(row, size)];
	}

	@Override
	public int token(int row, int index) {
		return pickedTokens[walkStart[row] + Objects.checkIndex(index, picked(row))];
	}

	@Override
	public int source(int row, int index) {
		return pickedSources[walkStart[row] + Objects.checkIndex(index, picked(row))];
	}
}
