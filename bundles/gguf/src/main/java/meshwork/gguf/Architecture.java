package meshwork.gguf;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * An architecture that llama.cpp knows, and what its code takes for granted about the numbers in the file.
 *
 * @param windows which layers look back a window only, if any do
 */
record Architecture(String name, Set<Trait> traits, Optional<Windows> windows) {

	/**
	 * All layers but each {@code period}th look back a window only, unless the file says otherwise.
	 *
	 * @param period 0 if all do
	 * @param first whether the first of a period looks back all the way, not the last
	 */
	record Windows(int period, boolean first) {

		static Windows of(String name) {
			String[] words = name.split("-");
			return new Windows(words.length > 1 ? Integer.parseInt(words[1]) : 0, words.length > 2);
		}

		/** Whether {@code layer} looks back a window only, all layers doing so if {@code every} is 0. */
		boolean includes(int layer, long every) {
			return every == 0 || (first ? layer % every != 0 : layer % every < every - 1);
		}
	}


	enum Trait {
		/** The rotary dimensions are those of a whole head. */
		WHOLE_ROPE,
		/** Key and value heads have the same length. */
		EQUAL_HEADS,
		/** The router needs to be told its gating function. */
		GATED,
		/** Head counts may differ from layer to layer. */
		LAYERED,
		/** Experts used for a token may differ from layer to layer. */
		ROUTED_BY_LAYER,
		/** Keys and values are compressed: multi-head latent attention. */
		LATENT,
		/** Some layers are recurrent. */
		HYBRID,
		/** All layers are recurrent. */
		RECURRENT,
		/** Turns text into vectors. */
		EMBEDDING,
		/** Fills text in, not from left to right. */
		DIFFUSION,
		/** Guesses ahead for another model. */
		DRAFT,
		/** Sees or hears for another model. */
		PROJECTOR,
		/** Has an encoder and a decoder. */
		SEQ2SEQ,
		/** Makes sound. */
		SOUND,
		/** Known by name only. */
		UNSUPPORTED;

		static Trait of(String name) {
			return valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
		}
	}

	private static final Map<String, Architecture> ALL = Facts.lines("architectures.txt").stream()
			.map(Architecture::parse).collect(Collectors.toMap(Architecture::name, Function.identity()));

	private static Architecture parse(String line) {
		String[] words = line.split(" ");
		Set<Trait> traits = EnumSet.noneOf(Trait.class);
		Optional<Windows> windows = Optional.empty();
		for (int i = 1; i < words.length; i++) {
			if (words[i].startsWith("window")) {
				windows = Optional.of(Windows.of(words[i]));
			} else {
				traits.add(Trait.of(words[i]));
			}
		}
		return new Architecture(words[0], traits, windows);
	}

	static Optional<Architecture> of(String name) {
		return Optional.ofNullable(ALL.get(name));
	}

	boolean is(Trait trait) {
		return traits.contains(trait);
	}

	/** Whether it has layers without attention. */
	boolean recurs() {
		return is(Trait.HYBRID) || is(Trait.RECURRENT);
	}

	/** Whether it continues text. */
	boolean generates() {
		return !is(Trait.EMBEDDING);
	}

	/** Why nothing of this kind can be served, if so. */
	Optional<String> obstacle() {
		if (is(Trait.DRAFT)) {
			return Optional.of("guesses ahead for another model and can't be served alone");
		}
		if (is(Trait.PROJECTOR)) {
			return Optional.of("is the eye or ear of another model (mmproj) and can't be served alone");
		}
		if (is(Trait.SEQ2SEQ)) {
			return Optional.of("has an encoder of its own for the prompt, which is not supported");
		}
		if (is(Trait.DIFFUSION)) {
			return Optional.of("fills text in, not from left to right, which is not supported");
		}
		if (is(Trait.SOUND)) {
			return Optional.of("makes sound, which is not supported");
		}
		return is(Trait.UNSUPPORTED) ? Optional.of("is one that llama.cpp knows but can't run") : Optional.empty();
	}
}
