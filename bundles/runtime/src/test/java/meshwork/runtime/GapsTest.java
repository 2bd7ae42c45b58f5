package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.Prompt.Gap;
import meshwork.engine.plain.ByteVocabulary;

/** Prompts of gaps have their parts in the order that models know. */
class GapsTest {

	private static final List<Gap.Extra> FILES = List.of(new Gap.Extra("a.c", "aaa"), new Gap.Extra("b.c", "bbb"));

	/** Bytes, and a token for each mark. */
	private record Marked(ByteVocabulary bytes, List<String> marks) implements Vocabulary {

		Marked(String... marks) {
			this(new ByteVocabulary(IntStream.rangeClosed(0, marks.length).mapToObj(i -> i == 0 ? "<end>" : "<" + marks[i - 1] + ">")
					.toArray(String[]::new)), List.of(marks));
		}

		@Override
		public OptionalInt infill(Infill part) {
			return marks.contains(part.name()) ? OptionalInt.of(bytes.control("<" + part.name() + ">")) : OptionalInt.empty();
		}

		@Override
		public OptionalInt begin() {
			return marks.contains("BEGIN") ? OptionalInt.of(bytes.control("<BEGIN>")) : OptionalInt.empty();
		}

		@Override
		public boolean addsBegin() {
			return marks.contains("BEGIN");
		}

		@Override
		public int size() {
			return bytes.size();
		}

		@Override
		public int[] tokenize(String text, boolean special, boolean begin) {
			return bytes.tokenize(text, special, begin);
		}

		@Override
		public byte[] bytes(int token, boolean special) {
			return bytes.bytes(token, special);
		}

		@Override
		public boolean ends(int token) {
			return bytes.ends(token);
		}

		@Override
		public OptionalInt end() {
			return bytes.end();
		}

		String text(Gap gap, int room) {
			return IntStream.of(new Gaps(this, room).tokens(gap)).mapToObj(token -> new String(bytes(token, true), StandardCharsets.UTF_8))
					.collect(Collectors.joining());
		}
	}

	@Test
	void theGapComesAfterWhatStandsAroundIt() {
		assertEquals("<PREFIX>int f(return <SUFFIX>;}<MIDDLE>",
				new Marked("PREFIX", "SUFFIX", "MIDDLE", "FILE").text(new Gap("int f(", ";}", "return ", List.of()), 100));
		assertEquals("<BEGIN><PREFIX>a<SUFFIX>b<MIDDLE>", new Marked("BEGIN", "PREFIX", "SUFFIX", "MIDDLE").text(new Gap("a", "b", "", List.of()), 0));
	}

	@Test
	void otherFilesStandInFrontAsInARepository() {
		assertEquals("<REPOSITORY>myproject\n<FILE>a.c\naaa<FILE>b.c\nbbb<FILE>filename\n<PREFIX>x<SUFFIX>y<MIDDLE>",
				new Marked("PREFIX", "SUFFIX", "MIDDLE", "REPOSITORY", "FILE").text(new Gap("x", "y", "", FILES), 100));
		assertEquals("\n\n--- snippet ---\n\naaa\n\n--- snippet ---\n\nbbb<PREFIX>x<SUFFIX>y<MIDDLE>",
				new Marked("PREFIX", "SUFFIX", "MIDDLE").text(new Gap("x", "y", "", FILES), 100));
	}

	@Test
	void theFirstFilesGiveWayWhereThereIsNoRoom() {
		var vocabulary = new Marked("PREFIX", "SUFFIX", "MIDDLE", "FILE");
		assertEquals("<FILE>b.c\nbbb<FILE>filename\n<PREFIX>x<SUFFIX>y<MIDDLE>", vocabulary.text(new Gap("x", "y", "", FILES), 15));
		assertEquals("<PREFIX>x<SUFFIX>y<MIDDLE>", vocabulary.text(new Gap("x", "y", "", FILES), 7));
	}

	@Test
	void aMarkThatSomebodyWroteIsText() {
		var vocabulary = new Marked("PREFIX", "SUFFIX", "MIDDLE");
		assertEquals("<SUFFIX>".length() + 3, new Gaps(vocabulary, 0).tokens(new Gap("<SUFFIX>", "", "", List.of())).length);
	}

	@Test
	void aModelThatHasNoSuchMarksRefuses() {
		var refused = assertThrows(InvalidRequest.class, () -> new Marked("PREFIX", "MIDDLE").text(new Gap("a", "b", "", List.of()), 0));
		assertEquals(Optional.of("prompt"), Optional.of(refused.parameter()));
		assertTrue(refused.getMessage().contains("no suffix token"), refused.getMessage());
	}
}
