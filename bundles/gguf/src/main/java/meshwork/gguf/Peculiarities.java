package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** What single architectures assert beyond what all do. */
final class Peculiarities {

	private static final int MAX_ITERATIONS = 1000;
	private static final int MAX_RATIO = 64;
	private static final int MAX_NGRAM = 8;
	private static final int MAX_CHOICE = 1 << 24;
	private static final int MAX_SLOTS = 512;

	private final Hyperparameters numbers;
	private final Gguf model;
	private final Sizes sizes;
	private final Attention attention;

	Peculiarities(Gguf model, Hyperparameters numbers, Sizes sizes, Attention attention) {
		this.model = model;
		this.numbers = numbers;
		this.sizes = sizes;
		this.attention = attention;
	}

	void check(String architecture) {
		switch (architecture) {
			case "afmoe" -> numbers.u32("attention.sliding_window", 1, Integer.MAX_VALUE);
			case "bailingmoe3" -> gate();
			case "deepseek2", "mistral4" -> temperature();
			case "deepseek32", "hy_v4" -> compressed();
			case "deepseek4" -> groups();
			case "dots3note" -> {
				compressed();
				windowRank();
			}
			case "ernie4_5-moe" -> numbers.u32("interleave_moe_layer_step", 1, sizes.layers());
			case "glm-dsa" -> {
				compressed();
				indexer();
			}
			case "falcon-h1", "nemotron_h", "nemotron_h_moe" -> companions("ssm_conv1d.weight", "ssm_conv1d.bias");
			case "granitehybrid" -> {
				innerSize();
				companions("ssm_conv1d.weight", "ssm_conv1d.bias");
			}
			case "jamba", "mamba", "mamba2" -> innerSize();
			case "grovemoe" -> numbers.u32("experts_per_group", 1, sizes.experts());
			case "hrm_text" -> cycles();
			case "jina-bert-v2" -> upwards();
			case "laguna" -> gates();
			case "llama4" -> numbers.within("attention.sliding_window", numbers.u32("attention.sliding_window", 1), 1,
					Integer.MAX_VALUE);
			case "minicpm3", "plm" -> keyValueHeads();
			case "minimax-m3" -> {
				numbers.u32("attention.indexer.block_size", 1, sizes.context());
				numbers.u32("attention.indexer.top_k", 1, MAX_CHOICE);
			}
			case "nanbeige" -> numbers.within("num_loops", numbers.u32("num_loops", 1), 1, MAX_SLOTS / sizes.layers());
			case "plamo2" -> numbers.within("ssm.group_count", numbers.u32("ssm.group_count", 0), 0, 0);
			case "qwen3next", "qwen35", "qwen35moe" -> deltaNet();
			case "qwen3vl", "qwen3vlmoe" -> numbers.within("n_deepstack_layers", numbers.u32("n_deepstack_layers", 0), 0,
					sizes.layers());
			case "qwen4exp" -> {
				deltaNet();
				ratios();
				ngrams();
			}
			default -> {
			}
		}
	}

	private void compressed() {
		if (!attention.isCompressed()) {
			throw numbers.rejected("attention.key_length_mla", "is missing: this architecture keeps keys compressed");
		}
	}

	private void groups() {
		long groups = numbers.u32("attention.output_group_count", 1, attention.heads[0]);
		if (attention.heads[0] % groups != 0) {
			throw numbers.rejected("attention.output_group_count", "is " + groups + ", which doesn't divide "
					+ attention.heads[0] + " heads");
		}
		long row = attention.heads[0] * attention.keyLength / groups;
		for (int i = 0; i < sizes.layers(); i++) {
			String name = "blk." + i + ".attn_output_a.weight";
			model.tensor(name).filter(tensor -> row % tensor.type().blockElements() != 0).ifPresent(tensor -> {
				throw new ModelRejected(name + " is of type " + tensor.type() + ", but is used in rows of " + count(row)
						+ " elements, not a multiple of a block", model.file());
			});
		}
		numbers.within("attention.head_count_kv", attention.keyValueHeads[0], 1, 1);
		numbers.u32("hyper_connection.count", 4, 4);
		numbers.u32("hyper_connection.sinkhorn_iterations", 1, MAX_ITERATIONS);
	}

	/** In layers with a window, the compressed key is as elsewhere, with a rank of its own. */
	private void windowRank() {
		long rank = numbers.u32("attention.kv_lora_rank_swa", 0);
		long expected = rank + numbers.u32("rope.dimension_count", 0);
		if (numbers.u32("attention.key_length_swa", expected) != expected) {
			throw numbers.rejected("attention.key_length_swa", "is not " + count(expected)
					+ ", the sum of attention.kv_lora_rank_swa and rope.dimension_count");
		}
		for (boolean windowed : attention.windowed) {
			if (!windowed) {
				return;
			}
		}
		throw numbers.rejected("attention.sliding_window_pattern", "leaves no layer without a window");
	}

	/** A layer without an indexer takes the choice of the last one with it. */
	private void indexer() {
		int trunk = sizes.layers() - (int) numbers.u32("nextn_predict_layers", 0);
		numbers.layers("attention.indexer.types", trunk).filter(types -> types[0] == 0).ifPresent(_ -> {
			throw numbers.rejected("attention.indexer.types", "leaves the first layer without an indexer");
		});
		List<String> tensors = List.of("indexer.k_norm.weight", "indexer.proj.weight", "indexer.attn_k.weight",
				"indexer.attn_q_b.weight");
		tensors.forEach(one -> companions(one, tensors.toArray(String[]::new)));
	}

	/** A layer with one of these tensors has to have the others too, which the loader doesn't insist on. */
	private void companions(String one, String... others) {
		for (int i = 0; i < sizes.layers(); i++) {
			String block = "blk." + i + ".";
			if (model.tensor(block + one).isPresent()) {
				for (String other : others) {
					model.tensor(block + other).orElseThrow(() -> new ModelRejected(block + other + " is missing, but "
							+ block + one + " is there: this is no whole model", model.file()));
				}
			}
		}
	}

	/** What goes up may hold the gate too, where there is none beside it. */
	private void upwards() {
		long[] lengths = numbers.layers("feed_forward_length", sizes.layers())
				.orElseThrow(() -> numbers.rejected("feed_forward_length", "is missing"));
		for (int i = 0; i < sizes.layers(); i++) {
			String block = "blk." + i + ".";
			boolean gate = model.tensor(block + "ffn_gate.weight").isPresent();
			long length = lengths[i];
			model.tensor(block + "ffn_up.weight").map(tensor -> tensor.extent(1))
					.filter(rows -> rows != length && (gate || rows != 2 * length)).ifPresent(rows -> {
						throw new ModelRejected(block + "ffn_up.weight has " + count(rows) + " rows for a feed_forward_length of "
								+ count(length), model.file());
					});
		}
	}

	/** The gate is one number for each head, or one for each of its elements. */
	private void gates() {
		for (int i = 0; i < sizes.layers(); i++) {
			long heads = attention.heads[i];
			long elements = heads * attention.keyLength(i);
			String name = "blk." + i + ".attn_gate.weight";
			model.tensor(name).map(tensor -> tensor.extent(1)).filter(rows -> rows != heads && rows != elements)
					.ifPresent(rows -> {
						throw new ModelRejected(name + " has " + count(rows) + " rows for " + heads + " heads", model.file());
					});
		}
	}

	/** Each pass of a cycle has layers of its own. */
	private void cycles() {
		long stack = numbers.u32("hrm.layers_per_stack", 1, sizes.layers());
		long high = numbers.u32("hrm.h_cycles", 1, sizes.layers());
		long low = numbers.u32("hrm.l_cycles", 1, sizes.layers());
		long layers = stack * high * (low + 1);
		if (layers != sizes.layers() - numbers.u32("nextn_predict_layers", 0)) {
			throw numbers.rejected("block_count", "is not " + count(layers) + ", the number of layers in all cycles");
		}
	}

	private void ratios() {
		numbers.layers("attention.compress_ratios", sizes.layers()).ifPresent(ratios -> LongStream.of(ratios)
				.forEach(ratio -> numbers.within("attention.compress_ratios", ratio, 0, MAX_RATIO)));
	}

	/** The hidden state is made of what was looked up for each n-gram. */
	private void ngrams() {
		boolean any = model.metadata().numbers(numbers.key("ple.layers")).filter(layers -> layers.size() > 0).isPresent();
		if (any) {
			long heads = (numbers.u32("ple.ngram_size", 2, MAX_NGRAM) - 1) * numbers.u32("ple.heads_per_ngram", 1, MAX_RATIO);
			if (heads * numbers.u32("embedding_length_per_layer_input", 0) != sizes.embedding()) {
				throw numbers.rejected("ple.heads_per_ngram", "doesn't make up the embedding_length with the others");
			}
		}
	}

	/** The scale grows with the logarithm of the position, in steps of the length. */
	private void temperature() {
		if (model.metadata().real(numbers.key("attention.temperature_scale")).orElse(0) != 0) {
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
		if (!model.metadata().flag(numbers.key("kda.safe_gate")).orElse(false)) {
			throw numbers.rejected("kda.safe_gate", "is not true");
		}
		if (model.metadata().real(numbers.key("kda.gate_lower_bound")).orElse(-1) >= 0) {
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
