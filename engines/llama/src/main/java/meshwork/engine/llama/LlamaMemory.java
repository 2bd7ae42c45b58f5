package meshwork.engine.llama;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

import meshwork.api.engine.EngineFailed;
import meshwork.api.engine.SequenceMemory;

/** The memory of a context, by sequence. */
final class LlamaMemory implements SequenceMemory {

	/** Rope types whose positions have several dimensions; llama.cpp can't move those. */
	private static final int MROPE = 8;
	private static final int IMROPE = 40;

	private final LlamaLibrary library;
	private final Llama calls;
	private final MemorySegment context;
	private final MemorySegment pointer;
	private final int sequences;
	private final boolean shifts;
	private final String format;

	LlamaMemory(LlamaModel model, MemorySegment context, MemorySegment pointer, int sequences) {
		library = model.library;
		calls = library.calls;
		this.context = context;
		this.pointer = pointer;
		this.sequences = sequences;
		int rope = calls.llama_model_rope_type(model.pointer);
		shifts = rope != MROPE && rope != IMROPE && calls.llama_memory_can_shift(pointer);
		format = library.release.state() + " f16/f16 " + model.file.fingerprint();
	}

	@Override
	public int end(int sequence) {
		return calls.llama_memory_seq_pos_max(pointer, check(sequence)) + 1;
	}

	@Override
	public boolean remove(int sequence, int begin, int end) {
		check(begin, end);
		return calls.llama_memory_seq_rm(pointer, check(sequence), begin, end);
	}

	@Override
	public void copy(int from, int to, int begin, int end) {
		check(begin, end);
		if (check(from) != check(to))
			calls.llama_memory_seq_cp(pointer, from, to, begin, end);
	}

	@Override
	public void keep(int sequence) {
		calls.llama_memory_seq_keep(pointer, check(sequence));
	}

	@Override
	public void shift(int sequence, int begin, int end, int delta) {
		check(begin, end);
		check(sequence);
		if (!shifts)
			throw new UnsupportedOperationException("the positions of this model's memory can't be moved");
		calls.llama_memory_seq_add(pointer, sequence, begin, end, delta);
	}

	@Override
	public void clear() {
		calls.llama_memory_clear(pointer, false);
	}

	@Override
	public String format() {
		return format;
	}

	@Override
	public long bytes(int sequence) {
		return calls.llama_state_seq_get_size(context, check(sequence));
	}

	@Override
	public long save(int sequence, MemorySegment target) {
		long bytes = bytes(sequence);
		if (target.byteSize() < bytes)
			throw new EngineFailed("sequence " + sequence + " takes " + bytes + " bytes to save, there are " + target.byteSize());
		return calls.llama_state_seq_get_data(context, target, bytes, sequence);
	}

	@Override
	public void restore(int sequence, MemorySegment state) {
		check(sequence);
		String failure = library.attended(() -> calls.llama_state_seq_set_data(context, state, state.byteSize(), sequence) > 0
				? "" : library.reason());
		if (!failure.isEmpty())
			throw new EngineFailed("sequence " + sequence + " can't be restored: " + failure);
	}

	private int check(int sequence) {
		return Objects.checkIndex(sequence, sequences);
	}

	private static void check(int begin, int end) {
		if (begin < 0 || end < -1 || end >= 0 && end < begin)
			throw new IllegalArgumentException("positions " + begin + " to " + end);
	}
}
