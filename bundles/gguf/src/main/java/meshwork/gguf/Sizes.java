package meshwork.gguf;

import static meshwork.gguf.Architecture.Trait.GATED;
import static meshwork.gguf.Architecture.Trait.ROUTED_BY_LAYER;
import static meshwork.gguf.ModelRejected.count;

import java.util.stream.LongStream;

/**
 * The sizes that everything else in a model follows from.
 *
 * @param context tokens that it was trained for
 * @param embedding elements of a hidden state
 * @param layers blocks
 * @param experts of each MoE layer, or 0
 * @param expertsUsed of them for a token, at most
 */
record Sizes(int context, int embedding, int layers, int experts, int expertsUsed) {

	private static final int MAX_LAYERS = 512;
	private static final int MAX_WIDTH = 1 << 24;
	private static final int MAX_EXPERTS = 512;
	/** The one architecture with more experts, and the one that releases with the lower limit don't know. */
	private static final String MANY_EXPERTS = "kimi-k3";
	private static final int MAX_EXPERTS_OF_THAT = 1024;
	private static final int GATING_FUNCTIONS = 4;

	static Sizes of(Hyperparameters numbers, Architecture architecture) {
		int context = (int) numbers.u32("context_length", 1, Integer.MAX_VALUE);
		int embedding = (int) numbers.u32("embedding_length", 1, MAX_WIDTH);
		int layers = (int) numbers.u32("block_count", 1, MAX_LAYERS);
		numbers.within("nextn_predict_layers", numbers.u32("nextn_predict_layers", 0), 0, layers - 1);
		numbers.layers("feed_forward_length", layers).ifPresent(lengths -> LongStream.of(lengths)
				.forEach(length -> numbers.within("feed_forward_length", length, 0, MAX_WIDTH)));

		int most = architecture.name().equals(MANY_EXPERTS) ? MAX_EXPERTS_OF_THAT : MAX_EXPERTS;
		int experts = (int) numbers.within("expert_count", numbers.u32("expert_count", 0), 0, most);
		long[] used = numbers.layers("expert_used_count", layers).orElseGet(() -> new long[layers]);
		LongStream.of(used)
				.forEach(count -> numbers.within("expert_used_count", count, Math.min(experts, 1), experts));
		if (!architecture.is(ROUTED_BY_LAYER) && LongStream.of(used).distinct().count() > 1) {
			throw numbers.rejected("expert_used_count", "differs from layer to layer, which this architecture doesn't allow");
		}
		groups(numbers, experts);
		boolean gated = architecture.is(GATED) && experts > 0;
		numbers.within("expert_gating_func", numbers.u32("expert_gating_func", 0), gated ? 1 : 0, GATING_FUNCTIONS);
		return new Sizes(context, embedding, layers, experts, (int) LongStream.of(used).max().orElse(0));
	}

	/** The router takes the two best experts of each group to choose the groups by. */
	private static void groups(Hyperparameters numbers, int experts) {
		long groups = numbers.u32("expert_group_count", 0);
		if (groups > 0 && groups >= experts) {
			throw numbers.rejected("expert_group_count", "is " + count(groups) + " for " + experts + " experts");
		}
		if (groups > 1) {
			if (experts % groups != 0 || experts / groups < 2) {
				throw numbers.rejected("expert_group_count", "is " + groups + ", which doesn't divide " + experts
						+ " experts into groups of two or more");
			}
			numbers.u32("expert_group_used_count", 1, groups - 1);
		}
	}
}
