package meshwork.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyPart;
import meshwork.api.chat.ReplyReader;
import meshwork.api.engine.TokenLikelihood;
import meshwork.api.engine.Vocabulary;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationEvent.PickedToken;
import meshwork.api.inference.GenerationEvent.PickedToken.Alternative;
import meshwork.api.inference.GenerationEvent.Thought;
import meshwork.api.inference.GenerationEvent.ToolArguments;
import meshwork.api.inference.GenerationEvent.ToolCalled;

/** What a choice says: makes events of its tokens. Used by the decoding thread. */
final class Speech {

	private record Pending(PickedToken token, int at) {
	}

	private final Stream stream;
	private final int choice;
	private final Vocabulary vocabulary;
	private final Set<String> marks;
	private final Optional<ReplyReader> reader;
	private final Characters characters = new Characters();
	private final Text text;
	private final ArrayDeque<Pending> pending = new ArrayDeque<>();
	private boolean thinking;
	private boolean called;

	Speech(Stream stream, int choice, Vocabulary vocabulary) {
		this.stream = stream;
		this.choice = choice;
		this.vocabulary = vocabulary;
		marks = stream.format().map(ReplyFormat::marks).orElse(Set.of());
		reader = stream.format().map(ReplyFormat::reader);
		text = new Text(stream.request().stops());
	}

	/** Says what can be said after a token; false when that ends at a stop. */
	boolean say(int token, Optional<TokenLikelihood> likelihood) {
		int at = text.length();
		take(characters.add(bytes(token)));
		if (thinking)
			stream.thought();
		else
			likelihood.ifPresent(it -> pending.add(new Pending(picked(it), at)));
		if (stop().isPresent())
			return false;
		release();
		return true;
	}

	/** Says what was kept back. */
	void end() {
		if (stop().isEmpty()) {
			take(characters.end());
			reader.ifPresent(it -> it.end().forEach(this::take));
			text.end();
		}
		if (stop().isPresent())
			pending.removeIf(it -> it.at() >= text.length());
		release();
	}

	Optional<String> stop() {
		return text.stop();
	}

	/** Whether tools were called. */
	boolean called() {
		return called;
	}

	/** Control tokens are no text, but for the marks of the format. */
	private byte[] bytes(int token) {
		byte[] plain = vocabulary.bytes(token, false);
		if (plain.length > 0 || marks.isEmpty())
			return plain;
		byte[] named = vocabulary.bytes(token, true);
		return marks.contains(new String(named, StandardCharsets.UTF_8)) ? named : plain;
	}

	private void take(String more) {
		if (reader.isPresent())
			reader.get().read(more).forEach(this::take);
		else
			text.add(more);
	}

	private void take(ReplyPart part) {
		thinking = part instanceof ReplyPart.Reasoning;
		switch (part) {
			case ReplyPart.Text(var more) -> text.add(more);
			case ReplyPart.Reasoning(var more) -> emit(new Thought(choice, more));
			case ReplyPart.Call(int call, var id, var name) -> {
				flush();
				called = true;
				emit(new ToolCalled(choice, call, id, name));
			}
			case ReplyPart.Arguments(int call, var json) -> emit(new ToolArguments(choice, call, json));
		}
	}

	/** No stop reaches over a call. */
	private void flush() {
		text.end();
		release();
	}

	/** What follows a stop was never said. */
	private void emit(GenerationEvent event) {
		if (stop().isEmpty())
			stream.emit(event);
	}

	private void release() {
		String more = text.release();
		List<PickedToken> said = pending.isEmpty() ? List.of() : said();
		if (!more.isEmpty() || !said.isEmpty())
			stream.emit(new Piece(choice, more, said));
	}

	/** The picked tokens whose text was given out, or that have none. */
	private List<PickedToken> said() {
		var said = new ArrayList<PickedToken>();
		while (!pending.isEmpty() && (pending.getFirst().at() < text.released() || text.released() == text.length()))
			said.add(pending.removeFirst().token());
		return said;
	}

	private PickedToken picked(TokenLikelihood likelihood) {
		return new PickedToken(likelihood.token(), vocabulary.bytes(likelihood.token(), true), likelihood.logprob(),
				likelihood.top().stream().map(it -> new Alternative(it.token(), vocabulary.bytes(it.token(), true), it.logprob())).toList());
	}
}
