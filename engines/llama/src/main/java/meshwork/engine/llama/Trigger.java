package meshwork.engine.llama;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

import meshwork.api.engine.SamplerOptions.Stage;

/**
 * Waits for what sets a lazy grammar off: one of some tokens, or text that matches one of some patterns; the grammar rules
 * from that token on, or from the first group that the pattern caught. Text is matched as bytes, since a token may end within
 * a character.
 */
final class Trigger {

	private final LlamaVocabulary vocabulary;
	private final List<Integer> tokens;
	private final List<Pattern> patterns;
	private final ByteArrayOutputStream text = new ByteArrayOutputStream();
	private final List<Integer> said = new ArrayList<>();
	private boolean awaited;

	private Trigger(LlamaVocabulary vocabulary, List<Integer> tokens, List<Pattern> patterns) {
		this.vocabulary = vocabulary;
		this.tokens = tokens;
		this.patterns = patterns;
		awaited = !tokens.isEmpty() || !patterns.isEmpty();
	}

	/**
	 * What a grammar has to catch up on.
	 *
	 * @param part the rest of a token within which it begins, empty when it begins between two
	 * @param tokens the tokens after that
	 */
	record Said(byte[] part, List<Integer> tokens) {
	}

	/** @throws IllegalArgumentException when there is no such token, or a pattern can't be read */
	static Trigger of(Stage.Grammar stage, LlamaVocabulary vocabulary) {
		for (int token : stage.triggerTokens())
			if (token < 0 || token >= vocabulary.size())
				throw new IllegalArgumentException("trigger token " + token + " in a vocabulary of " + vocabulary.size());
		return new Trigger(vocabulary, stage.triggerTokens(), stage.triggerPatterns().stream().map(Trigger::pattern).toList());
	}

	private static Pattern pattern(String trigger) {
		try {
			return Pattern.compile(new String(trigger.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
		} catch (PatternSyntaxException e) {
			throw new IllegalArgumentException("trigger pattern " + trigger + ": " + e.getDescription(), e);
		}
	}

	/** Whether the grammar does not rule yet. */
	boolean awaited() {
		return awaited;
	}

	/** Tells of a token; if it set the grammar off, gives what the grammar has to catch up on. */
	Optional<Said> said(int token) {
		said.add(token);
		text.writeBytes(vocabulary.bytes(token, true));
		if (tokens.contains(token))
			return caught(new Said(new byte[0], List.of(token)));
		String all = text.toString(StandardCharsets.ISO_8859_1);
		for (Pattern pattern : patterns) {
			Matcher matcher = pattern.matcher(all);
			if (matcher.find())
				return caught(since(start(matcher)));
		}
		return Optional.empty();
	}

	private Optional<Said> caught(Said what) {
		awaited = false;
		said.clear();
		text.reset();
		return Optional.of(what);
	}

	private static int start(Matcher matcher) {
		for (int group = 1; group <= matcher.groupCount(); group++)
			if (matcher.end(group) > matcher.start(group))
				return matcher.start(group);
		return matcher.start();
	}

	private Said since(int start) {
		int end = 0;
		for (int i = 0; i < said.size(); i++) {
			int begin = end;
			end += vocabulary.bytes(said.get(i), true).length;
			if (begin >= start)
				return new Said(new byte[0], List.copyOf(said.subList(i, said.size())));
			if (end > start) {
				byte[] all = text.toByteArray();
				return new Said(Arrays.copyOfRange(all, start, end), List.copyOf(said.subList(i + 1, said.size())));
			}
		}
		return new Said(new byte[0], List.of());
	}

	Trigger copy() {
		var copy = new Trigger(vocabulary, tokens, patterns);
		copy.awaited = awaited;
		copy.said.addAll(said);
		copy.text.writeBytes(text.toByteArray());
		return copy;
	}
}
