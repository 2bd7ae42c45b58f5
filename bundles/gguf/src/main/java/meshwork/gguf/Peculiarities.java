package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.util.Arrays;

/** What single architectures assert beyond what all do. */
final class Peculiarities {

	private final Hyperparameters numbers;
	private final Metadata metadata;
	private final Sizes sizes;
	private final Attention attention;

	Peculiarities(Hyperparameters numbers, Metadata metadata, Sizes sizes, Attention attention) {
		this.numbers = numbers;
		this.metadata = metadata;
		this.sizes = sizes;
		this.attention = attention;
	}

	void check(String architecture) {
		switch (architecture) {
			case "granitehybrid", "jamba", "mamba", "mamba2" -> innerSize();
			case "ernie4_5-moe" -> numbers.u32("interleave_moe_layer_step", 1, sizes.layers());
			case "llama4" -> numbers.within("attention.sliding_window", numbers.u32("attention.sliding_window", 1), 1,
					Integer.MAX_VALUE);
			case "deepseek2", "mistral4" -> temperature();
			case "minicpm3", "plm" -> keyValueHeads();
			case "bailingmoe3" -> gate();
			case "qwen3next", "qwen35", "qwen35moe", "qwen4exp" -> deltaNet();
			default -> {
			}
		}
	}

	/** The scale grows with the logarithm of the position, in steps of the length. */
	private void temperature() {
		if (metadata.real(numbers.key("attention.temperature_scale")).orElse(0) != 0) {
			numbers.u32("attention.temperature_length", 1, Integer.MAX_VALUE);
		}
	}

	private void keyValueHeads() {
		if (!Arrays.equals(attention.heads, attention.keyValueHeads)) {
			throw numbers.rejected("attention.head_count_kv", "differs from attention.head_count, in this architecture "
					+ "they are the same");
		}
	}

	private void gate() {
		if (!metadata.flag(numbers.key("kda.safe_gate")).orElse(false)) {
			throw numbers.rejected("kda.safe_gate", "is not true");
		}
		if (metadata.real(numbers.key("kda.gate_lower_bound")).orElse(-1) >= 0) {
			throw numbers.rejected("kda.gate_lower_bound", "is not negative");
		}
	}

	/** The memory of a head is square, and each key head serves the same number of value heads. */
	private void deltaNet() {
		long heads = numbers.u32("ssm.time_step_rank", 1, Integer.MAX_VALUE);
		long groups = numbers.u32("ssm.group_count", 1, heads);
		long inner = numbers.u32("ssm.inner_size", 0);
		long expected = heads * numbers.u32("ssm.state_size", 0);
		if (inner != expected || heads % groups != 0) {
			throw numbers.rejected("ssm.inner_size", "is " + count(inner) + " in " + heads + " heads and " + groups
					+ " groups: it has to be ssm.time_step_rank times ssm.state_size, " + count(expected)
					+ ", and the groups of equal size");
		}
	}

	private void innerSize() {
		long inner = numbers.u32("ssm.inner_size", 0);
		if (inner != 2L * sizes.embedding()) {
			throw numbers.rejected("ssm.inner_size", "is " + count(inner) + ", in this architecture it is twice the "
					+ "embedding_length, " + count(2L * sizes.embedding()));
		}
	}
}
