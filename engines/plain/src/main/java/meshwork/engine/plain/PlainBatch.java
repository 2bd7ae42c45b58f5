package meshwork.engine.plain;

import java.util.Arrays;

import meshwork.api.engine.Batch;
import meshwork.api.engine.Sampler;

/** Rows in arrays, and what the walks along them picked. */
final class PlainBatch implements Batch {

	private static final int NONE = -1;

	final int[] tokens;
	final int[] positions;
	final int[][] sequences;
	final boolean[] outputs;
	private final int[] parents;
	private final PlainSampler[] samplers;
	private final int[] walks;
	private final int[] lengths;
	private final int[] picks;
	private final int[] sources;
	private int size;
	private int walked;

	PlainBatch(int capacity) {
		tokens = new int[capacity];
		positions = new int[capacity];
		sequences = new int[capacity][];
		outputs = new boolean[capacity];
		parents = new int[capacity];
		samplers = new PlainSampler[capacity];
		walks = new int[capacity];
		lengths = new int[capacity];
		picks = new int[2 * capacity];
		sources = new int[2 * capacity];
	}

	@Override
	public void clear() {
		size = 0;
		walked = 0;
	}

	@Override
	public int size() {
		return size;
	}

	@Override
	public int capacity() {
		return tokens.length;
	}

	@Override
	public int add(int token, int position, int sequence) {
		return add(token, position, new int[] {sequence});
	}

	@Override
	public int add(int token, int position, int[] holders) {
		if (size == tokens.length)
			throw new IndexOutOfBoundsException("the batch has room for %d rows".formatted(size));
		tokens[size] = token;
		positions[size] = position;
		sequences[size] = holders.clone();
		outputs[size] = false;
		parents[size] = NONE;
		samplers[size] = null;
		lengths[size] = 0;
		return size++;
	}

	@Override
	public void output(int row) {
		outputs[row] = true;
	}

	@Override
	public void sample(int row, Sampler sampler) {
		outputs[row] = true;
		samplers[row] = (PlainSampler) sampler;
	}

	@Override
	public void draft(int row, int parent) {
		if (parent >= row)
			throw new IllegalArgumentException("row %d is drafted after row %d, which does not come before it".formatted(row, parent));
		outputs[row] = true;
		parents[row] = parent;
	}

	/** Picks along the rows, from every row where a walk begins. */
	void walk(float[][] logits) {
		for (int start = 0; start < size; start++) {
			if (samplers[start] == null)
				continue;
			walks[start] = walked;
			int row = start;
			while (row != NONE) {
				picks[walked] = samplers[start].pick(logits[row]);
				sources[walked] = row;
				row = drafted(row, picks[walked++]);
			}
			lengths[start] = walked - walks[start];
		}
	}

	private int drafted(int parent, int token) {
		for (int row = parent + 1; row < size; row++)
			if (parents[row] == parent && tokens[row] == token)
				return row;
		return NONE;
	}

	@Override
	public int picked(int row) {
		return lengths[row];
	}

	@Override
	public int token(int row, int index) {
		return picks[walks[row] + checked(row, index)];
	}

	@Override
	public int source(int row, int index) {
		return sources[walks[row] + checked(row, index)];
	}

	private int checked(int row, int index) {
		if (index < 0 || index >= lengths[row])
			throw new IndexOutOfBoundsException("the walk from row %d picked %d tokens, not %d".formatted(row, lengths[row], index + 1));
		return index;
	}

	/** Forgets what an earlier decode of the same rows picked. */
	void rewind() {
		walked = 0;
		Arrays.fill(lengths, 0, size, 0);
	}
}
