package meshwork.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.engine.Vocabulary;

/**
 * Keeps what people wrote from being read as control tokens. While the template works on it, the name of a control token that
 * somebody other than the model wrote stands as a mark; in the tokens it is text again.
 */
final class Quotes {

	/** Begins and ends a mark: no character, so nobody writes it but to break marks, and then it is marked too. */
	private static final String MARK = "\uFDD0";
	private static final Pattern MARKED = Pattern.compile(MARK + "(\\d+)" + MARK);

	private final Vocabulary vocabulary;
	private final Pattern control;

	Quotes(Vocabulary vocabulary) {
		this.vocabulary = vocabulary;
		control = pattern(Stream.concat(Stream.of(MARK), controls(vocabulary)).toList());
	}

	/**
	 * A conversation with marks in it.
	 *
	 * @param quoted what they stand for
	 */
	record Quoted(Conversation conversation, List<String> quoted) {
	}

	Quoted quote(Conversation conversation) {
		var quoted = new ArrayList<String>();
		return new Quoted(marked(conversation, quoted), quoted);
	}

	/**
	 * The tokens of a prompt that a template made of a quoted conversation.
	 *
	 * @param begin the text of the token that begins a sequence
	 */
	int[] tokens(String prompt, Quoted quoted, String begin) {
		return tokens(prompt, quoted, begin.isEmpty() || !prompt.startsWith(begin));
	}

	/** The same, with what the model expects at the start of a sequence in front if {@code begins}. */
	int[] tokens(String prompt, Quoted quoted, boolean begins) {
		if (quoted.quoted().isEmpty())
			return vocabulary.tokenize(prompt, true, begins);
		List<int[]> pieces = new ArrayList<>();
		int from = 0;
		for (Matcher mark = MARKED.matcher(prompt); mark.find(); from = mark.end()) {
			pieces.add(vocabulary.tokenize(prompt.substring(from, mark.start()), true, begins && from == 0));
			pieces.add(vocabulary.tokenize(quoted.quoted().get(Integer.parseInt(mark.group(1))), false, false));
		}
		pieces.add(vocabulary.tokenize(prompt.substring(from), true, false));
		return pieces.stream().flatMapToInt(IntStream::of).toArray();
	}

	private static Stream<String> controls(Vocabulary vocabulary) {
		return IntStream.range(0, vocabulary.size()).filter(token -> vocabulary.bytes(token, false).length == 0)
				.mapToObj(token -> new String(vocabulary.bytes(token, true), StandardCharsets.UTF_8)).filter(name -> !name.isEmpty());
	}

	/** Any of the names, the longest that fits; most places are passed over by their first character alone. */
	private static Pattern pattern(List<String> names) {
		String first = names.stream().map(name -> Pattern.quote(name.substring(0, name.offsetByCodePoints(0, 1)))).distinct()
				.collect(Collectors.joining("|"));
		String any = names.stream().sorted(Comparator.comparingInt(String::length).reversed()).map(Pattern::quote).collect(Collectors.joining("|"));
		return Pattern.compile("(?=" + first + ")(?:" + any + ")");
	}

	/** What the model itself said stays as it is: templates look for its control tokens. */
	private Conversation marked(Conversation conversation, List<String> quoted) {
		UnaryOperator<String> mark = text -> control.matcher(text).replaceAll(name -> {
			quoted.add(name.group());
			return MARK + (quoted.size() - 1) + MARK;
		});
		List<Message> messages = conversation.messages().stream().map(message -> message.role().equals("assistant") ? message : marked(message, mark))
				.toList();
		return quoted.isEmpty() ? conversation : new Conversation(messages, conversation.tools(), conversation.variables());
	}

	private static Message marked(Message message, UnaryOperator<String> mark) {
		List<Message.Part> parts = message.content().stream().map(part -> switch (part) {
			case Message.Part.Text(var text) -> (Message.Part) new Message.Part.Text(mark.apply(text));
		}).toList();
		Optional<String> name = message.name().map(mark);
		return new Message(message.role(), parts, name, message.toolCalls(), message.toolCallId(), message.reasoning());
	}
}
