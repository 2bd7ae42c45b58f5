package meshwork.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.ChatTemplates;
import meshwork.api.chat.Conversation;
import meshwork.api.chat.Message;
import meshwork.api.engine.SamplerOptions;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.InferenceException.InvalidRequest;
import meshwork.api.inference.InferenceException.ModelNotReady;
import meshwork.api.inference.Prompt;
import meshwork.engine.echo.EchoEngine;

/** Conversations become prompts by whoever compiles templates at the time. */
@Timeout(60)
class ChatTest {

	private static final ChatTemplates CHATML = (source, begin, end) -> (conversation, open) -> {
		var text = new StringBuilder();
		conversation.messages().forEach(it -> text.append("<|im_start|>%s\n%s%s\n".formatted(it.role(), it.text(), end)));
		return text.append("<|im_start|>assistant\n").toString();
	};

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
		assertEquals("Hallo Welt", host.answer(chat("Hallo Welt")).text());
		assertEquals(38, host.host.countTokens("e", chat("hi").prompt()));
	}

	@Test
	void withoutAChatBundleOnlyPlainPromptsAreAnswered() throws InterruptedException {
		assertThrows(ModelNotReady.class, () -> host.start(chat("hi")));
		assertEquals("hi", host.answer(Host.request("e", "hi")).text());
		host.host.addTemplates(CHATML);
		assertEquals("hi", host.answer(chat("hi")).text());
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
		assertEquals("hi", host.answer(chat("hi")).text());
	}

	@Test
	void aConversationThatATemplateRefusesIsRefusedInItsWords() {
		host.host.addTemplates((source, begin, end) -> (conversation, open) -> {
			throw new ChatRejected("roles must alternate");
		});
		assertTrue(assertThrows(InvalidRequest.class, () -> host.start(chat("hi"))).getMessage().contains("roles must alternate"));
	}
}
