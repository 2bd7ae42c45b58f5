package meshwork.engine.plain;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.nio.IntBuffer;
import java.util.Arrays;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.NoRoom;
import meshwork.api.engine.SequenceMemory;

/** KV memory whose cells hold a token each; sequences are tables of cells by position, and may share them. */
final class PlainMemory implements SequenceMemory {

	private static final int NONE = -1;

	private final String format;
	private final int[] tokens;
	private final int[] holders;
	private final int[] free;
	private int freeCells;
	private final int[][] cells;
	private final int[] ends;

	PlainMemory(String format, int size, int sequences) {
		this.format = format;
		tokens = new int[size];
		holders = new int[size];
		free = new int[size];
		cells = new int[sequences][0];
		ends = new int[sequences];
		for (int cell = 0; cell < size; cell++)
			free[freeCells++] = size - 1 - cell;
	}

	@Override
	public int end(int sequence) {
		return ends[sequence];
	}

	/** Puts a batch into cells of its own. */
	void place(PlainBatch batch) {
		if (batch.size() > freeCells)
			throw new NoRoom("a batch of %d tokens, and %d of %d cells are free".formatted(batch.size(), freeCells, tokens.length));
		for (int row = 0; row < batch.size(); row++) {
			int cell = take(batch.tokens[row]);
			for (int sequence : batch.sequences[row]) {
				if (batch.positions[row] != ends[sequence])
					throw new EngineFailed("row %d is for position %d of sequence %d, which ends at %d".formatted(row, batch.positions[row],
							sequence, ends[sequence]));
				hold(sequence, ends[sequence], cell);
			}
		}
	}

	/** Reads a sequence up to and with a position. */
	IntBuffer read(int sequence, int position, int[] into) {
		int count = 0;
		for (int i = 0; i <= position; i++)
			if (cells[sequence][i] != NONE)
				into[count++] = tokens[cells[sequence][i]];
		return IntBuffer.wrap(into, 0, count).asReadOnlyBuffer();
	}

	@Override
	public boolean remove(int sequence, int begin, int end) {
		for (int position = begin; position < until(sequence, end); position++)
			drop(sequence, position);
		trim(sequence);
		return true;
	}

	@Override
	public void copy(int from, int to, int begin, int end) {
		if (from == to)
			return;
		for (int position = begin; position < until(from, end); position++) {
			drop(to, position);
			if (cells[from][position] != NONE)
				hold(to, position, cells[from][position]);
		}
	}

	@Override
	public void keep(int sequence) {
		for (int other = 0; other < cells.length; other++)
			if (other != sequence)
				remove(other, 0, -1);
	}

	@Override
	public void shift(int sequence, int begin, int end, int delta) {
		int last = until(sequence, end);
		if (begin >= last)
			return;
		var moved = Arrays.copyOfRange(cells[sequence], begin, last);
		Arrays.fill(cells[sequence], begin, last, NONE);
		for (int i = 0; i < moved.length; i++)
			if (moved[i] != NONE) {
				drop(sequence, begin + delta + i);
				put(sequence, begin + delta + i, moved[i]);
			}
		trim(sequence);
	}

	@Override
	public void clear() {
		for (int sequence = 0; sequence < cells.length; sequence++)
			remove(sequence, 0, -1);
	}

	@Override
	public String format() {
		return format;
	}

	@Override
	public long bytes(int sequence) {
		return Integer.BYTES * (1L + ends[sequence]);
	}

	@Override
	public long save(int sequence, MemorySegment target) {
		if (target.byteSize() < bytes(sequence))
			throw new EngineFailed("the state of sequence %d takes %d bytes, there is room for %d".formatted(sequence, bytes(sequence),
					target.byteSize()));
		target.setAtIndex(JAVA_INT_UNALIGNED, 0, ends[sequence]);
		for (int i = 0; i < ends[sequence]; i++)
			target.setAtIndex(JAVA_INT_UNALIGNED, i + 1, cells[sequence][i] == NONE ? NONE : tokens[cells[sequence][i]]);
		return bytes(sequence);
	}

	@Override
	public void restore(int sequence, MemorySegment state) {
		remove(sequence, 0, -1);
		int count = state.byteSize() < Integer.BYTES ? NONE : state.getAtIndex(JAVA_INT_UNALIGNED, 0);
		if (count < 0 || state.byteSize() < Integer.BYTES * (1L + count))
			throw new EngineFailed("this is not a whole state of the form %s".formatted(format));
		if (count > freeCells)
			throw new EngineFailed("the state has %d tokens, %d cells are free".formatted(count, freeCells));
		for (int i = 0; i < count; i++) {
			int token = state.getAtIndex(JAVA_INT_UNALIGNED, i + 1);
			if (token != NONE)
				hold(sequence, i, take(token));
		}
	}

	private int until(int sequence, int end) {
		return end < 0 ? ends[sequence] : Math.min(end, ends[sequence]);
	}

	private int take(int token) {
		int cell = free[--freeCells];
		tokens[cell] = token;
		return cell;
	}

	private void hold(int sequence, int position, int cell) {
		holders[cell]++;
		put(sequence, position, cell);
	}

	private void put(int sequence, int position, int cell) {
		int had = cells[sequence].length;
		if (position >= had) {
			cells[sequence] = Arrays.copyOf(cells[sequence], Math.max(position + 1, 2 * had));
			Arrays.fill(cells[sequence], had, cells[sequence].length, NONE);
		}
		cells[sequence][position] = cell;
		ends[sequence] = Math.max(ends[sequence], position + 1);
	}

	private void drop(int sequence, int position) {
		if (position >= ends[sequence] || cells[sequence][position] == NONE)
			return;
		int cell = cells[sequence][position];
		cells[sequence][position] = NONE;
		if (--holders[cell] == 0)
			free[freeCells++] = cell;
	}

	private void trim(int sequence) {
		while (ends[sequence] > 0 && cells[sequence][ends[sequence] - 1] == NONE)
			ends[sequence]--;
	}
}
