package meshwork.gguf;

import static meshwork.gguf.Architecture.Trait.EQUAL_HEADS;
import static meshwork.gguf.Architecture.Trait.LATENT;
import static meshwork.gguf.Architecture.Trait.LAYERED;
import static meshwork.gguf.Architecture.Trait.WHOLE_ROPE;
import static meshwork.gguf.ModelRejected.count;

import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** The attention heads of a model: how many there are, how long, and that numbers and tensors agree on that. */
final class Attention {

	private static final int MAX_HEADS = 1 << 16;
	private static final int MAX_LENGTH = 1 << 24;
	private static final Set<String> ROPE_SCALINGS = Set.of("none", "linear", "yarn", "longrope");

	private final Gguf model;
	private final Architecture architecture;
	private final Hyperparameters numbers;
	private final int layers;
	private final int embedding;

	/** Heads of each layer. */
	final long[] heads;
	/** Heads of each layer that keys and values are kept for. */
	final long[] keyValueHeads;
	/** Elements of a key of one head, where there is no window. */
	final long keyLength;
	/** Elements of a value of one head, where there is no window. */
	final long valueLength;
	/** Whether each layer looks back a window only. */
	final boolean[] windowed;

	/** Which layers have none at all. */
	final boolean[] absent;
	/** Bytes of state that each sequence needs in their place. */
	final long state;

	Attention(Gguf model, Architecture architecture, Hyperparameters numbers, Sizes sizes) {
		this.model = model;
		this.architecture = architecture;
		this.numbers = numbers;
		layers = sizes.layers();
		embedding = sizes.embedding();
		heads = heads("attention.head_count").orElseGet(() -> new long[layers]);
		keyValueHeads = heads("attention.head_count_kv").orElse(heads);
		keyLength = headLength("attention.key_length");
		valueLength = headLength("attention.value_length");
		windowed = windowed();
		Recurrence recurrence = new Recurrence(architecture, numbers, sizes, heads, keyValueHeads);
		absent = recurrence.withoutAttention();
		state = recurrence.state();
	}

	private Optional<long[]> heads(String name) {
		Optional<long[]> heads = numbers.layers(name, layers);
		heads.ifPresent(counts -> {
			LongStream.of(counts).forEach(count -> numbers.within(name, count, 0, MAX_HEADS));
			if (!architecture.is(LAYERED) && LongStream.of(counts).distinct().count() > 1) {
				throw numbers.rejected(name, "differs from layer to layer, which this architecture doesn't allow");
			}
		});
		return heads;
	}

	private long headLength(String name) {
		return heads[0] == 0 ? 0 : numbers.within(name, numbers.u32(name, embedding / heads[0]), 1, MAX_LENGTH);
	}

	void check() {
		for (int i = 0; i < layers; i++) {
			if (heads[i] == 0 && !architecture.recurs() && !architecture.is(LAYERED)) {
				throw numbers.rejected("attention.head_count", "is missing or 0");
			}
			if (keyValueHeads[i] == 0 ? heads[i] > 0 && !architecture.is(LAYERED) : heads[i] % keyValueHeads[i] != 0) {
				throw numbers.rejected("attention.head_count_kv", "is " + count(keyValueHeads[i]) + " in layer " + i
						+ ", which doesn't divide the " + heads[i] + " heads there");
			}
		}
		scaling();
		if (heads[0] > 0) {
			lengths();
			long rotary = numbers.u32("rope.dimension_count", keyLength);
			rotation("rope.dimension_count", rotary, keyLength);
			if (IntStream.range(0, layers).anyMatch(layer -> windowed[layer])) {
				rotation("rope.dimension_count_swa", numbers.u32("rope.dimension_count_swa", rotary),
						numbers.u32("attention.key_length_swa", keyLength));
			}
			sections();
		}
		if (!architecture.is(LATENT)) {
			IntStream.range(0, layers).filter(layer -> !absent[layer]).forEach(this::shapes);
		}
	}

	private void lengths() {
		if (!architecture.is(LAYERED) || architecture.windows().isEmpty()) {
			same("attention.key_length_swa", keyLength);
			same("attention.value_length_swa", valueLength);
		}
		for (int i = 0; i < layers; i++) {
			if (architecture.is(EQUAL_HEADS) && keyLength(i) != valueLength(i)) {
				throw numbers.rejected("attention.key_length", "is " + count(keyLength(i)) + " and attention.value_length "
						+ count(valueLength(i)) + " in layer " + i + ": in this architecture they are the same");
			}
		}
		if (architecture.is(LATENT)) {
			latent();
		}
	}

	/** Elements of a key of one head of {@code layer}. */
	long keyLength(int layer) {
		return windowed[layer] ? numbers.u32("attention.key_length_swa", keyLength) : keyLength;
	}

	/** Elements of a value of one head of {@code layer}. */
	long valueLength(int layer) {
		return windowed[layer] ? numbers.u32("attention.value_length_swa", valueLength) : valueLength;
	}

	private void same(String name, long length) {
		if (numbers.u32(name, length) != length) {
			throw numbers.rejected(name, "is not " + count(length) + ", the length in the other layers, which this "
					+ "architecture doesn't allow");
		}
	}

	/** Whether keys and values are kept compressed; files from before llama.cpp could do that have them whole. */
	boolean isCompressed() {
		return architecture.is(LATENT) && numbers.u32("attention.key_length_mla", 0) > 0
				&& numbers.u32("attention.value_length_mla", 0) > 0;
	}

	/** The compressed key is the compressed value with the rotated part behind it. */
	private void latent() {
		long rank = numbers.u32("attention.kv_lora_rank", 0);
		long rotary = numbers.u32("rope.dimension_count", keyLength);
		long whole = isCompressed() ? numbers.u32("attention.key_length_mla", 0) : keyLength;
		if (whole <= rotary) {
			throw numbers.rejected("attention.key_length_mla", "is " + count(whole) + ", but " + count(rotary)
					+ " elements of it are rotated: there have to be others");
		}
		if (isCompressed() && keyLength != rank + rotary) {
			throw numbers.rejected("attention.key_length", "is " + count(keyLength) + " instead of "
					+ count(rank + rotary) + ", the sum of attention.kv_lora_rank and rope.dimension_count");
		}
	}

	private void rotation(String name, long rotary, long length) {
		if (architecture.is(WHOLE_ROPE) && rotary != length) {
			throw numbers.rejected(name, "is " + count(rotary) + " for heads of " + count(length)
					+ " elements: in this architecture they are the same");
		}
		if (rotary == 0 || rotary % 2 != 0 || rotary > length) {
			throw numbers.rejected(name, "is " + count(rotary) + " for heads of " + count(length)
					+ " elements: it has to be even and no more than that");
		}
	}

	private void sections() {
		numbers.layers("rope.dimension_sections", 4).ifPresent(sections -> {
			LongStream.of(sections).forEach(length -> numbers.within("rope.dimension_sections", length, 0, keyLength));
			numbers.within("rope.dimension_sections", LongStream.of(sections).sum(), 0, keyLength);
		});
	}

	private void scaling() {
		String scaling = model.metadata().value(numbers.key("rope.scaling.type")).map(Value::toString).orElse("linear");
		if (!ROPE_SCALINGS.contains(scaling)) {
			throw numbers.rejected("rope.scaling.type", "is " + scaling + ", which the engine doesn't know");
		}
	}

	private boolean[] windowed() {
		boolean[] windowed = new boolean[layers];
		if (architecture.windows().isEmpty()) {
			return windowed;
		}
		Architecture.Windows windows = architecture.windows().get();
		String name = "attention.sliding_window_pattern";
		Optional<Value.Numbers> pattern = model.metadata().numbers(numbers.key(name));
		long every = pattern.isPresent() ? 0 : numbers.u32(name, windows.period());
		for (int i = 0; i < layers; i++) {
			windowed[i] = pattern.isPresent()
					? i < pattern.get().size() && pattern.get().integer(i) != 0
					: windows.includes(i, every);
		}
		if (numbers.has(name) && IntStream.range(0, layers).noneMatch(i -> windowed[i])) {
			throw numbers.rejected(name, "leaves no layer with a window");
		}
		return windowed;
	}

	/** Graphs reshape what these matrices give by the numbers of heads, so that has to come out even. */
	private void shapes(int layer) {
		String block = "blk." + layer + ".";
		long queries = heads[layer] * keyLength(layer);
		long keys = keyValueHeads[layer] * keyLength(layer);
		long values = keyValueHeads[layer] * valueLength(layer);
		extent(block + "attn_q.weight", 1, queries, 2 * queries);
		extent(block + "attn_k.weight", 1, keys);
		extent(block + "attn_v.weight", 1, values);
		extent(block + "attn_qkv.weight", 1, queries + keys + values);
		extent(block + "attn_output.weight", 0, heads[layer] * valueLength(layer));
	}

	private void extent(String name, int axis, long... possible) {
		model.tensor(name).filter(tensor -> LongStream.of(possible).noneMatch(it -> it == tensor.extent(axis)))
				.ifPresent(tensor -> {
					throw new ModelRejected(name + " has " + count(tensor.extent(axis)) + (axis == 0 ? " columns" : " rows")
							+ ", by the numbers of heads and their lengths in the metadata it has " + count(possible[0]),
							model.parts().get(tensor.part()).file());
				});
	}
}
