package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplate;
import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.chat.ReplyFormat;
import meshwork.api.chat.ReplyPart;
import meshwork.api.chat.ReplyReader;
import meshwork.api.chat.ReplyRules;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.inference.GenerationEvent;
import meshwork.api.inference.GenerationEvent.Done;
import meshwork.api.inference.GenerationEvent.FinishReason;
import meshwork.api.inference.GenerationEvent.Finished;
import meshwork.api.inference.GenerationEvent.Piece;
import meshwork.api.inference.GenerationEvent.Thought;
import meshwork.api.inference.GenerationEvent.ToolArguments;
import meshwork.api.inference.GenerationEvent.ToolCalled;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.Prompt;
import meshwork.engine.echo.EchoEngine;

/** Conversations become prompts by whoever compiles templates at the time. */
@Timeout(60)
class ChatTest {

	private static final ChatTemplates CHATML = (source, begin, end) -> new Scripted(conversation -> {
		var text = new StringBuilder();
		conversation.messages().forEach(it -> text.append("<|im_start|>%s\n%s%s\n".formatted(it.role(), it.text(), end)));
		return text.append("<|im_start|>assistant\n").toString();
	});

	/** A template in whose replies every character is a part of its own: {@code ?} a thought, {@code !} a call, all else text. */
	private record Scripted(Function<Conversation, String> rendered) implements ChatTemplate {

		@Override
		public String render(Conversation conversation, boolean open) {
			return rendered.apply(conversation);
		}

		@Override
		public ReplyFormat reply(Conversation conversation, ReplyRules rules, String prompt) {
			return new ReplyFormat() {
				@Override
				public Optional<Constraint> constraint() {
					return Optional.empty();
				}

				@Override
				public Set<String> marks() {
					return Set.of();
				}

				@Override
				public ReplyReader reader() {
					return new Characterwise();
				}
			};
		}
	}

	private static final class Characterwise implements ReplyReader {

		private int calls;

		@Override
		public List<ReplyPart> read(String more) {
			return more.codePoints().boxed().flatMap(character -> switch (character) {
				case (int) '?' -> Stream.<ReplyPart>of(new ReplyPart.Reasoning("?"));
				case (int) '!' -> Stream.<ReplyPart>of(new ReplyPart.Call(calls, "id" + calls, "tool"), new ReplyPart.Arguments(calls++, "{}"));
				default -> Stream.<ReplyPart>of(new ReplyPart.Text(Character.toString(character)));
			}).toList();
		}

		@Override
		public List<ReplyPart> end() {
			return List.of(new ReplyPart.Text("~"));
		}
	}

	@TempDir
	Path folder;
	private Host host;

	@BeforeEach
	void serve() {
		host = new Host(folder, 256, 2, 4).with(new EchoEngine(), "echo").serve("e.echo");
	}

	@AfterEach
	void stop() throws InterruptedException {
		host.close();
	}

	private static GenerationRequest chat(String said) {
		return GenerationRequest.of("r", "e", new Prompt.Chat(new Conversation(List.of(new Message("system", "Repeat."),
				new Message("user", said)))), SamplerOptions.GREEDY);
	}

	@Test
	void aConversationIsAnswered() throws InterruptedException {
		host.host.addTemplates(CHATML);
		assertEquals("Hallo Welt~", host.answer(chat("Hallo Welt")).text());
		assertEquals(38, host.host.countTokens("e", chat("hi").prompt()));
	}

	@Test
	void withoutAChatBundleOnlyPlainPromptsAreAnswered() throws InterruptedException {
		assertThrows(ModelNotReady.class, () -> host.start(chat("hi")));
		assertEquals("hi", host.answer(Host.request("e", "hi")).text());
		host.host.addTemplates(CHATML);
		assertEquals("hi~", host.answer(chat("hi")).text());
		host.host.removeTemplates(CHATML);
		assertThrows(ModelNotReady.class, () -> host.start(chat("hi")));
	}

	@Test
	void aTemplateThatCantBeUsedIsNamedAndAnotherCompilerMayDoBetter() throws InterruptedException {
		host.host.addTemplates((source, begin, end) -> {
			throw new ChatRejected("the tag 'frobnicate' in line 3 is unknown");
		});
		var refused = assertThrows(InvalidRequest.class, () -> host.start(chat("hi")));
		assertTrue(refused.getMessage().contains("frobnicate"), refused.getMessage());
		assertEquals("hi", host.answer(Host.request("e", "hi")).text());
		host.host.addTemplates(CHATML);
		assertEquals("hi~", host.answer(chat("hi")).text());
	}

	@Test
	void aConversationThatATemplateRefusesIsRefusedInItsWords() {
		host.host.addTemplates((source, begin, end) -> new Scripted(_ -> {
			throw new ChatRejected("roles must alternate");
		}));
		assertTrue(assertThrows(InvalidRequest.class, () -> host.start(chat("hi"))).getMessage().contains("roles must alternate"));
	}

	@Test
	void aReplyIsTakenApartIntoThoughtsTextAndCalls() throws InterruptedException {
		host.host.addTemplates(CHATML);
		List<GenerationEvent> events = host.events(chat("??a!b!"));
		assertEquals(List.of(new Thought(0, "?"), new Thought(0, "?"), new Piece(0, "a", List.of()), new ToolCalled(0, 0, "id0", "tool"),
				new ToolArguments(0, 0, "{}"), new Piece(0, "b", List.of()), new ToolCalled(0, 1, "id1", "tool"), new ToolArguments(0, 1, "{}"),
				new Piece(0, "~", List.of()), new Finished(0, FinishReason.TOOL_CALLS, Optional.empty())), events.subList(1, events.size() - 1));
		assertEquals(2, ((Done) events.getLast()).usage().reasoningTokens());
	}

	@Test
	void aStopIsSoughtInTheTextAlone() throws InterruptedException {
		host.host.addTemplates(CHATML);
		var stop = chat("a??b?!xyz!");
		var events = host.events(new GenerationRequest("r", "", "e", stop.prompt(), stop.sampling(), Optional.empty(), List.of("?", "xy"), 1,
				Optional.empty(), false, Optional.empty(), true));
		assertEquals(new Finished(0, FinishReason.TOOL_CALLS, Optional.of("xy")), events.get(events.size() - 2));
		assertEquals(new ToolArguments(0, 0, "{}"), events.get(events.size() - 3));
	}
}
