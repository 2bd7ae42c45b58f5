package meshwork.gguf;

import static meshwork.gguf.ModelRejected.count;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import meshwork.gguf.ModelFacts.Pooling;

/**
 * What a model makes of the hidden states of a text: one vector, and scores if it has a classification head.
 *
 * @param length elements of a vector, 0 if there is no telling
 * @param pooling as the file says, if it does
 * @param classes scores of its classification head, 0 if it has none
 */
record Vectors(int length, Optional<Pooling> pooling, int classes) {

	/** Architectures that carry several hidden states along, but give one. */
	private static final Set<String> SEVERAL_STATES = Set.of("deepseek4", "qwen4exp");
	private static final long UNSPECIFIED = 0xFFFF_FFFFL;

	/** What it is, where that is sound: the engine reads as many numbers as the metadata promise. */
	static Vectors of(Gguf model, Architecture architecture, Hyperparameters numbers, Sizes sizes) {
		long length = length(model, numbers, sizes);
		Optional<Pooling> pooling = pooling(numbers);
		int classes = classes(model, numbers);
		if (pooling.equals(Optional.of(Pooling.RANK)) && classes == 0) {
			throw numbers.rejected("pooling_type", "is 4 (rank), but there is no classification head (cls.output.weight)");
		}
		return new Vectors(SEVERAL_STATES.contains(architecture.name()) ? 0 : (int) length, pooling, classes);
	}

	private static Optional<Pooling> pooling(Hyperparameters numbers) {
		long type = numbers.u32("pooling_type", UNSPECIFIED);
		return type == UNSPECIFIED ? Optional.empty()
				: Optional.of(Pooling.values()[(int) numbers.within("pooling_type", type, 0, Pooling.values().length - 1)]);
	}

	/** One score for each label, or one. */
	private static int classes(Gguf model, Hyperparameters numbers) {
		String key = numbers.key("classifier.output_labels");
		Optional<Value> labels = model.metadata().value(key);
		if (labels.isPresent() && !(labels.get() instanceof Value.Texts)) {
			throw numbers.rejected("classifier.output_labels", "is no array of strings");
		}
		long count = model.metadata().texts(key).map(Value.Texts::size).filter(size -> size > 0).orElse(1);
		Optional<TensorEntry> output = model.tensor("cls.output.weight");
		if (output.isPresent() && output.get().extent(1) != count) {
			throw new ModelRejected("cls.output.weight has " + count(output.get().extent(1)) + " rows for " + count(count)
					+ " classes", model.file());
		}
		return output.or(() -> model.tensor("cls.weight")).filter(head -> head.extent(1) == count).map(_ -> (int) count).orElse(0);
	}

	/** Layers behind the pooling may change how long a vector is, to what the metadata say. */
	private static long length(Gguf model, Hyperparameters numbers, Sizes sizes) {
		long length = sizes.embedding();
		for (String name : List.of("dense_2.weight", "dense_3.weight")) {
			Optional<TensorEntry> dense = model.tensor(name);
			if (dense.isPresent()) {
				if (dense.get().extent(0) != length) {
					throw new ModelRejected(name + " has " + count(dense.get().extent(0)) + " columns for vectors of " + count(length)
							+ " elements", model.file());
				}
				length = dense.get().extent(1);
			}
		}
		long claimed = numbers.u32("embedding_length_out", 0);
		if ((claimed == 0 ? sizes.embedding() : claimed) != length) {
			throw numbers.rejected("embedding_length_out", "is not " + count(length) + ", the length of what the model gives");
		}
		for (String feature : List.of("dense_2_feat_in", "dense_3_feat_out")) {
			long extent = numbers.u32(feature, 0);
			if (extent != 0 && extent != sizes.embedding()) {
				throw numbers.rejected(feature, "is not the embedding_length, " + count(sizes.embedding()));
			}
		}
		return length;
	}
}
