package meshwork.engine.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A {@code llama_token_data_array}: the tokens among which samplers choose. */
final class Candidates {

	private static final int NONE = -1;

	private final int capacity;
	private final MemorySegment array;
	private final MemorySegment data;
	private final long stride;
	private final long logit;
	private final long dataField;
	private final long sizeField;
	private final long selectedField;
	private final long sortedField;

	Candidates(Release release, Arena arena, int capacity) {
		this.capacity = capacity;
		array = arena.allocate(release.struct("llama_token_data_array"));
		data = arena.allocate(release.struct("llama_token_data"), capacity);
		stride = release.struct("llama_token_data").byteSize();
		logit = release.offset("llama_token_data", "logit");
		dataField = release.offset("llama_token_data_array", "data");
		sizeField = release.offset("llama_token_data_array", "size");
		selectedField = release.offset("llama_token_data_array", "selected");
		sortedField = release.offset("llama_token_data_array", "sorted");
	}

	/** Every token, with its logit. */
	Candidates fill(MemorySegment logits) {
		for (int token = 0; token < capacity; token++)
			set(token, token, logits.getAtIndex(JAVA_FLOAT, token));
		return all(capacity);
	}

	/** Takes a token out, while all are in. */
	void ban(int token) {
		data.set(JAVA_FLOAT, token * stride + logit, Float.NEGATIVE_INFINITY);
	}

	/** This token alone. */
	Candidates only(int token) {
		set(0, token, 0);
		return all(1);
	}

	private void set(int index, int token, float value) {
		data.set(JAVA_INT, index * stride, token);
		data.set(JAVA_FLOAT, index * stride + logit, value);
	}

	private Candidates all(int size) {
		array.set(ADDRESS, dataField, data);
		array.set(JAVA_LONG, sizeField, size);
		array.set(JAVA_LONG, selectedField, NONE);
		array.set(JAVA_BOOLEAN, sortedField, false);
		return this;
	}

	/** Has a sampler take out what it does not allow. */
	Candidates narrow(Llama calls, MemorySegment sampler) {
		calls.llama_sampler_apply(sampler, array);
		return this;
	}

	/** Has a chain choose a token. */
	int choose(Llama calls, MemorySegment chain) {
		calls.llama_sampler_apply(chain, array);
		// a sampler may have moved the beginning
		long begin = array.get(JAVA_LONG, dataField) - data.address();
		return data.get(JAVA_INT, begin + array.get(JAVA_LONG, selectedField) * stride);
	}

	/** Whether the first token is still possible. */
	boolean possible() {
		return data.get(JAVA_FLOAT, logit) > Float.NEGATIVE_INFINITY;
	}
}
