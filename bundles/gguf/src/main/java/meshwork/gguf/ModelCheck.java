package meshwork.gguf;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import meshwork.gguf.ModelRejected.Kind;

/**
 * Says whether llama.cpp can be given a model. Its loader and its graphs assert what a well-made file keeps, and a
 * failed assertion ends the process: so whatever they take for granted is looked at here first. What llama.cpp itself
 * turns down with an error (a tensor too many, another shape) is left to it, unless a better reason can be given.
 */
public final class ModelCheck {

	private static final List<String> EPSILONS = List.of("attention.layer_norm_epsilon",
			"attention.layer_norm_rms_epsilon", "attention.group_norm_epsilon");

	private ModelCheck() {
	}

	/**
	 * Checks {@code model}.
	 *
	 * @return what it is
	 * @throws ModelRejected if llama.cpp can't run it, or would not survive the attempt
	 */
	public static ModelFacts check(Gguf model) {
		Architecture architecture = architecture(model);
		Hyperparameters numbers = new Hyperparameters(model, architecture);
		reals(model, numbers);
		Sizes sizes = Sizes.of(numbers, architecture);
		Attention attention = new Attention(model, architecture, numbers, sizes);
		attention.check();
		new Peculiarities(model, numbers, sizes, attention).check(architecture.name());
		int vocabulary = new VocabularyCheck(model).size();
		new TensorCheck(model).check(vocabulary);
		return facts(model, architecture, numbers, sizes, attention, vocabulary, Vectors.of(model, architecture, numbers, sizes));
	}

	private static Architecture architecture(Gguf model) {
		Metadata metadata = model.metadata();
		String type = metadata.text("general.type").orElse("model");
		if (!type.equals("model")) {
			throw new ModelRejected(Kind.NOT_A_MODEL, "this is " + switch (type) {
				case "adapter" -> "an adapter (LoRA), which changes a model and can't be served alone";
				case "imatrix" -> "an importance matrix, made for quantizing a model";
				case "mmproj" -> "the eye or ear of another model (mmproj) and can't be served alone";
				case "vocab" -> "a vocabulary without weights";
				default -> "of general.type " + type + ", not a model";
			}, model.file());
		}
		String name = metadata.text("general.architecture").orElseThrow(() -> new ModelRejected(
				"it doesn't name its architecture (general.architecture): convert the model anew", model.file()));
		Architecture architecture = Architecture.of(name).orElseThrow(() -> new ModelRejected(
				Kind.UNKNOWN_ARCHITECTURE, "the architecture " + name
						+ " is unknown to the engine: it may be too new, or the file no language model", model.file()));
		architecture.obstacle().ifPresent(reason -> {
			throw new ModelRejected(Kind.UNKNOWN_ARCHITECTURE,
					"a model of the architecture " + name + " " + reason, model.file());
		});
		if (model.tensors().isEmpty()) {
			throw new ModelRejected(Kind.NOT_A_MODEL, "it holds a vocabulary but no tensors: this is no whole model",
					model.file());
		}
		return architecture;
	}

	private static void reals(Gguf model, Hyperparameters numbers) {
		model.metadata().values().forEach((key, value) -> {
			if (value instanceof Value.Real(ValueType _, double number) && Double.isNaN(number)) {
				throw new ModelRejected(key + " is not a number", model.file());
			}
		});
		for (String epsilon : EPSILONS) {
			if (model.metadata().real(numbers.key(epsilon)).orElse(0) < 0) {
				throw numbers.rejected(epsilon, "is negative");
			}
		}
	}

	private static ModelFacts facts(Gguf model, Architecture architecture, Hyperparameters numbers, Sizes sizes,
			Attention attention, int vocabulary, Vectors vectors) {
		Metadata metadata = model.metadata();
		return new ModelFacts(architecture.name(), metadata.text("general.name"), architecture.generates() && metadata.flag(numbers.key("attention.causal")).orElse(true),
				vectors.length(), vectors.pooling(), vectors.classes(),
				model.tensors().stream().mapToLong(TensorEntry::elements).sum(), model.tensorBytes(),
				optional(metadata.integer("general.file_type")), sizes.context(),
				model.tensor("position_embd.weight").isPresent(), sizes.layers(), sizes.embedding(),
				list(attention.heads), list(cached(attention)), (int) attention.keyLength,
				(int) attention.valueLength, attention.isCompressed(), list(windows(numbers, attention)),
				attention.state, vocabulary, sizes.experts(), sizes.expertsUsed(),
				metadata.text("tokenizer.chat_template"), metadata.text("tokenizer.chat_template.rerank"));
	}

	/** Heads of each layer that keys and values are kept for, none in those without attention. */
	private static long[] cached(Attention attention) {
		return IntStream.range(0, attention.absent.length)
				.mapToLong(layer -> attention.absent[layer] ? 0 : attention.keyValueHeads[layer]).toArray();
	}

	private static long[] windows(Hyperparameters numbers, Attention attention) {
		long window = Math.min(numbers.u32("attention.sliding_window", 0), Integer.MAX_VALUE);
		return IntStream.range(0, attention.windowed.length).mapToLong(i -> attention.windowed[i] ? window : 0).toArray();
	}

	private static OptionalInt optional(OptionalLong value) {
		return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
	}

	private static List<Integer> list(long[] values) {
		return LongStream.of(values).mapToObj(value -> (int) value).toList();
	}
}
