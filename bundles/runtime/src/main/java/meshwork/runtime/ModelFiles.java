package meshwork.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import meshwork.api.engine.ModelFile;
import meshwork.api.engine.Pooling;
import meshwork.api.inference.InferenceException.ModelRefused;
import meshwork.api.inference.InferenceException.ModelRefused.Reason;
import meshwork.api.inference.ModelSettings;
import meshwork.api.inference.ServedModel.Facts;
import meshwork.gguf.Gguf;
import meshwork.gguf.MemoryEstimate;
import meshwork.gguf.ModelCheck;
import meshwork.gguf.ModelFacts;
import meshwork.gguf.ModelRejected;
import meshwork.gguf.Part;
import meshwork.gguf.TensorType;

/** Looks into model files before an engine sees them. */
final class ModelFiles {

	static final String GGUF = "gguf";

	/** The context of a sequence where nobody chose one: no more than this, and no less than that for want of memory. */
	private static final int USUAL_CONTEXT = 8192;
	private static final int LEAST_CONTEXT = 1024;

	private static final Pattern PART = Pattern.compile("-00001-of-\\d{5}$");

	private ModelFiles() {
	}

	/** What a model is called if nobody says: the file's name without its ending, and without the number of a part. */
	static String id(Path file) {
		String name = file.getFileName().toString();
		int dot = name.lastIndexOf('.');
		return PART.matcher(dot > 0 ? name.substring(0, dot) : name).replaceFirst("");
	}

	/** The kind of a file, by the ending of its name. */
	static String format(Path file) {
		String name = file.getFileName().toString();
		return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
	}

	/**
	 * A model in GGUF format, checked completely.
	 *
	 * @param available memory that there is for it, in bytes
	 * @throws ModelRefused when it is none, when native code would not survive it, or when it takes more memory than there is
	 */
	static CheckedModel gguf(ModelSettings settings, long available) {
		try {
			Gguf model = Gguf.open(settings.file());
			ModelFacts facts = ModelCheck.check(model);
			int context = context(settings, facts, available);
			MemoryEstimate memory = memory(facts, context, settings.parallel());
			if (memory.total() > available)
				throw tooBig(settings, context, memory, available);
			long bytes = model.parts().stream().mapToLong(Part::size).sum();
			return new CheckedModel(
					new ModelFile(GGUF, model.parts().stream().map(Part::file).toList(), model.headerHash(), bytes),
					new Facts(facts.name().orElse(id(settings.file())), facts.architecture(), facts.parameters(), bytes, memory.total(),
							facts.vocabulary(), facts.contextLength(), context, settings.parallel(), ""),
					facts.chatTemplate().orElse(""), skills(facts));
		} catch (ModelRejected e) {
			throw new ModelRefused(switch (e.kind()) {
				case UNREADABLE -> Reason.NO_FILE;
				case NOT_A_MODEL -> Reason.NOT_A_MODEL;
				case TRUNCATED -> Reason.TRUNCATED;
				case MALFORMED -> Reason.MALFORMED;
				case UNKNOWN_ARCHITECTURE -> Reason.UNKNOWN_ARCHITECTURE;
			}, e.getMessage(), e);
		}
	}

	private static int context(ModelSettings settings, ModelFacts facts, long available) {
		if (settings.context() > 0)
			return facts.contextBound() ? Math.min(settings.context(), facts.contextLength()) : settings.context();
		int context = Math.min(facts.contextLength(), USUAL_CONTEXT);
		while (context / 2 >= LEAST_CONTEXT && memory(facts, context, settings.parallel()).total() > available)
			context /= 2;
		return context;
	}

	/** Where the file doesn't say how vectors are made: of the last token by models that read on, of all by those that look both ways. */
	private static Skills skills(ModelFacts facts) {
		Pooling pooling = facts.pooling().filter(it -> it != ModelFacts.Pooling.NONE).map(it -> Pooling.valueOf(it.name()))
				.orElse(facts.generates() ? Pooling.LAST : Pooling.MEAN);
		return new Skills(facts.generates(), facts.vectorLength(), pooling, facts.classes(), facts.rankTemplate().orElse(""));
	}

	private static MemoryEstimate memory(ModelFacts facts, int context, int parallel) {
		if (!facts.generates())
			return MemoryEstimate.of(facts, context, 1, TensorType.F16);
		// where sequences have a state each, as many are kept as are decoded
		return MemoryEstimate.of(facts, (int) Math.min(Integer.MAX_VALUE, (long) context * parallel), 2 * parallel, TensorType.F16);
	}

	private static ModelRefused tooBig(ModelSettings settings, int context, MemoryEstimate memory, long available) {
		return new ModelRefused(Reason.TOO_BIG, ("%s takes about %s of memory (%s weights, the rest for %d × %d tokens of context), and %s are "
				+ "free: take a smaller --ctx-size, or a smaller model").formatted(settings.file().getFileName(), size(memory.total()),
						size(memory.weights()), settings.parallel(), context, size(available)));
	}

	private static String size(long bytes) {
		return bytes < 1 << 30 ? "%d MB".formatted(Math.max(0, bytes) >> 20) : String.format(Locale.ROOT, "%.1f GB", bytes / (double) (1 << 30));
	}

	/** A model of a format that only its engine can look into. */
	static CheckedModel plain(ModelSettings settings) {
		Path path = settings.file();
		try {
			long bytes = Files.size(path);
			String fingerprint = "%s-%d-%d".formatted(path.toRealPath(), bytes, Files.getLastModifiedTime(path).toMillis());
			return new CheckedModel(new ModelFile(format(path), List.of(path), fingerprint, bytes),
					new Facts(id(path), format(path), 0, bytes, bytes, 0, 0, settings.context() > 0 ? settings.context() : USUAL_CONTEXT,
							settings.parallel(), ""),
					"", Skills.PLAIN);
		} catch (IOException e) {
			throw new ModelRefused(Reason.NO_FILE, "%s can't be read: %s".formatted(path, e.getMessage()), e);
		}
	}
}
