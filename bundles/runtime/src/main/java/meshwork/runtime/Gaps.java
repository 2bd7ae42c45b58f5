package meshwork.runtime;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.IntStream;

import meshwork.api.engine.Vocabulary;
import meshwork.api.engine.Vocabulary.Infill;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.Prompt.Gap;

/**
 * Makes the prompts of gaps in texts, in the order in which models are trained on them: other files first, as in repositories
 * (arXiv 2409.12186), then what stands before the gap, what stands after it, and what fills it.
 */
final class Gaps {

	/** What models learn of repositories without name; and what stands between texts for models that have no mark for files. */
	private static final String REPOSITORY = "myproject\n";
	private static final String THIS_FILE = "filename\n";
	private static final String SNIPPET = "\n\n--- snippet ---\n\n";

	private final Vocabulary vocabulary;
	private final int room;

	/** @param room tokens that other texts may take */
	Gaps(Vocabulary vocabulary, int room) {
		this.vocabulary = vocabulary;
		this.room = room;
	}

	/** @throws InvalidRequest when the model was not trained to fill in */
	int[] tokens(Gap gap) {
		int prefix = mark(Infill.PREFIX);
		int suffix = mark(Infill.SUFFIX);
		int middle = mark(Infill.MIDDLE);
		var tokens = IntStream.builder();
		if (vocabulary.addsBegin())
			vocabulary.begin().ifPresent(tokens);
		context(gap.context(), tokens);
		tokens.add(prefix);
		add(gap.prefix(), tokens);
		add(gap.begun(), tokens);
		tokens.add(suffix);
		add(gap.suffix(), tokens);
		tokens.add(middle);
		return tokens.build().toArray();
	}

	private int mark(Infill part) {
		return vocabulary.infill(part).orElseThrow(() -> new InvalidRequest("prompt",
				"this model was not trained to fill gaps in texts (it has no %s token): ask it to continue a text, or ask a model for code"
						.formatted(part.name().toLowerCase(Locale.ROOT))));
	}

	private void context(List<Gap.Extra> extras, IntStream.Builder tokens) {
		OptionalInt file = vocabulary.infill(Infill.FILE);
		Deque<int[]> fitting = new ArrayDeque<>();
		int left = room;
		for (Gap.Extra extra : extras.reversed()) {
			int[] text = file.isPresent() ? text(file.getAsInt(), extra.name() + "\n", extra.text()) : cut(SNIPPET + extra.text());
			left -= text.length;
			if (left < 0)
				break;
			fitting.addFirst(text);
		}
		if (fitting.isEmpty())
			return;
		vocabulary.infill(Infill.REPOSITORY).ifPresent(repository -> Arrays.stream(text(repository, REPOSITORY, "")).forEach(tokens));
		fitting.forEach(text -> Arrays.stream(text).forEach(tokens));
		file.ifPresent(mark -> Arrays.stream(text(mark, THIS_FILE, "")).forEach(tokens));
	}

	private int[] text(int mark, String name, String text) {
		return IntStream.concat(IntStream.of(mark), IntStream.concat(Arrays.stream(cut(name)), Arrays.stream(cut(text)))).toArray();
	}

	private void add(String text, IntStream.Builder tokens) {
		Arrays.stream(cut(text)).forEach(tokens);
	}

	private int[] cut(String text) {
		return vocabulary.tokenize(text, false, false);
	}
}
