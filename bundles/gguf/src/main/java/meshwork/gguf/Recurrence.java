package meshwork.gguf;

import static meshwork.gguf.Architecture.Trait.RECURRENT;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** The layers of a model that carry a state from token to token in place of keys and values. */
final class Recurrence {

	/** Architectures with attention in each Nth layer only, unless the file lists the layers. */
	private static final Map<String, Integer> INTERVALS = Map.of("qwen3next", 4, "qwen35", 4, "qwen35moe", 4,
			"qwen4exp", 4, "minimax-01", 8);
	/** In which each layer has both. */
	private static final String BOTH = "falcon-h1";

	private final Architecture architecture;
	private final Hyperparameters numbers;
	private final Sizes sizes;
	private final long[] heads;
	private final long[] keyValueHeads;

	Recurrence(Architecture architecture, Hyperparameters numbers, Sizes sizes, long[] heads, long[] keyValueHeads) {
		this.architecture = architecture;
		this.numbers = numbers;
		this.sizes = sizes;
		this.heads = heads;
		this.keyValueHeads = keyValueHeads;
	}

	/** Which layers have no attention. */
	boolean[] withoutAttention() {
		boolean[] without = new boolean[sizes.layers()];
		if (architecture.is(RECURRENT)) {
			Arrays.fill(without, true);
		} else if (architecture.recurs() && !architecture.name().equals(BOTH)) {
			Optional<long[]> listed = numbers.layers("attention.recurrent_layers", sizes.layers());
			long interval = numbers.within("full_attention_interval", numbers.u32("full_attention_interval",
					INTERVALS.getOrDefault(architecture.name(), 1)), 1, Integer.MAX_VALUE);
			int trunk = sizes.layers() - (int) numbers.u32("nextn_predict_layers", 0);
			for (int i = 0; i < without.length; i++) {
				without[i] = listed.isPresent() ? listed.get()[i] != 0
						: INTERVALS.containsKey(architecture.name()) ? i < trunk && (i + 1) % interval != 0
						: keyValueHeads[i] == 0;
			}
		}
		return without;
	}

	/** Bytes of state for each sequence: 32-bit floats, the last inputs of a convolution and the memory. */
	long state() {
		if (!architecture.recurs()) {
			return 0;
		}
		boolean[] without = withoutAttention();
		long layers = 0;
		for (boolean recurrent : without) {
			layers += recurrent || architecture.name().equals(BOTH) ? 1 : 0;
		}
		return layers * (inputs() + memory()) * Float.BYTES;
	}

	private long inputs() {
		if (numbers.u32("wkv.head_size", 0) > 0) {
			return numbers.u32("token_shift_count", 2) * sizes.embedding();
		}
		if (numbers.u32("shortconv.l_cache", 0) > 0) {
			return (numbers.u32("shortconv.l_cache", 1) - 1) * sizes.embedding();
		}
		long kernel = numbers.u32("ssm.conv_kernel", 1) - 1;
		if (numbers.u32("kda.head_dim", 0) > 0) {
			return 3 * kernel * numbers.u32("kda.head_dim", 0) * widest();
		}
		return kernel * (numbers.u32("ssm.inner_size", 0)
				+ 2 * numbers.u32("ssm.group_count", 0) * numbers.u32("ssm.state_size", 0));
	}

	private long memory() {
		if (numbers.u32("wkv.head_size", 0) > 0) {
			return numbers.u32("wkv.head_size", 0) * sizes.embedding();
		}
		if (numbers.u32("kda.head_dim", 0) > 0) {
			return numbers.u32("kda.head_dim", 0) * numbers.u32("kda.head_dim", 0) * widest();
		}
		return numbers.u32("ssm.state_size", 0) * numbers.u32("ssm.inner_size", 0);
	}

	private long widest() {
		return Arrays.stream(heads).max().orElse(0);
	}
}
