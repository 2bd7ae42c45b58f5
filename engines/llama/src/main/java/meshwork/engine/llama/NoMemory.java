package meshwork.engine.llama;

import java.lang.foreign.MemorySegment;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.SequenceMemory;

/** The memory of a model that keeps none, since it sees a whole text at once: always empty. */
final class NoMemory implements SequenceMemory {

	@Override
	public int end(int sequence) {
		return 0;
	}

	@Override
	public boolean remove(int sequence, int begin, int end) {
		return true;
	}

	@Override
	public void copy(int from, int to, int begin, int end) {
	}

	@Override
	public void keep(int sequence) {
	}

	@Override
	public void shift(int sequence, int begin, int end, int delta) {
	}

	@Override
	public void clear() {
	}

	@Override
	public String format() {
		return "none";
	}

	@Override
	public long bytes(int sequence) {
		return 0;
	}

	@Override
	public long save(int sequence, MemorySegment target) {
		return 0;
	}

	@Override
	public void restore(int sequence, MemorySegment state) {
		throw new EngineFailed("sequence " + sequence + " can't be restored: the model keeps no memory of sequences");
	}
}
