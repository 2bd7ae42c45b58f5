package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.ErrorType;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceAny;
import com.anthropic.models.messages.ToolChoiceNone;
import com.anthropic.models.messages.ToolChoiceTool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;

/** Anthropic's SDK for Java, which checks every answer against its own types. */
@Timeout(120)
class AnthropicJavaSdkTest {

	private static final String MODEL = "starter";
	private static final Tool WEATHER = Tool.builder().name("weather").description("Tells the weather").inputSchema(Tool.InputSchema.builder()
			.properties(Tool.InputSchema.Properties.builder().putAdditionalProperty("city", JsonValue.from(Map.of("enum", List.of("Oslo", "Lima"))))
					.build()).required(List.of("city")).build()).build();

	@TempDir
	static Path data;
	private static Distribution.Node node;
	private static String key;
	private static AnthropicClient client;

	enum Kind {
		NODE, RELAY
	}

	record Facts(Kind kind, boolean open) {
	}

	@BeforeAll
	static void start() throws Exception {
		key = Distribution.run(data, "key", "new", "sdk").out().strip();
		node = new Distribution.Node(data);
		client = client(key);
	}

	private static AnthropicClient client(String key) {
		return AnthropicOkHttpClient.builder().baseUrl(node.url()).apiKey(key).maxRetries(0).responseValidation(true).build();
	}

	@AfterAll
	static void stop() throws Exception {
		client.close();
		node.close();
	}

	private static MessageCreateParams.Builder asked() {
		return asked(MODEL);
	}

	private static MessageCreateParams.Builder asked(String model) {
		return MessageCreateParams.builder().model(model).system("You are brief.").addUserMessage("What is Meshwork?").maxTokens(24)
				.putAdditionalBodyProperty("temperature", JsonValue.from(0));
	}

	private static String text(Message message) {
		return message.content().stream().flatMap(block -> block.text().stream()).map(block -> block.text()).collect(Collectors.joining());
	}

	private static List<ToolUseBlock> calls(Message message) {
		return message.content().stream().flatMap(block -> block.toolUse().stream()).toList();
	}

	private static Message streamed(MessageCreateParams params) {
		var accumulator = MessageAccumulator.create();
		try (var stream = client.messages().createStreaming(params)) {
			stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
		}
		return accumulator.message();
	}

	@Test
	void modelsAreListedAndFound() {
		assertTrue(client.models().list().data().stream().anyMatch(each -> each.validate().id().equals(MODEL)));
		assertEquals(MODEL, client.models().retrieve(MODEL).id());
	}

	@Test
	void aStreamHasTheSameTextAsAnAnswerAtOnce() {
		Message whole = client.messages().create(asked().build());
		Message streamed = streamed(asked().build());

		assertFalse(text(whole).isEmpty());
		assertEquals(MODEL, whole.model().asString());
		assertEquals(text(whole), text(streamed));
		assertEquals(whole.stopReason(), streamed.stopReason());
		assertEquals(whole.usage().outputTokens(), streamed.usage().outputTokens());
	}

	@Test
	void whetherToThinkMayBeSaidOfAModelThatDoesNot() {
		assertFalse(text(client.messages().create(asked().maxTokens(1100).enabledThinking(1024).build())).isEmpty());
	}

	@Test
	void anAnswerHasTheFormThatWasAskedFor() {
		var answer = client.messages().create(asked().maxTokens(200).outputConfig(Facts.class).build());

		assertNotNull(answer.content().getFirst().asText().text().kind());
	}

	@Test
	void aToolThatHasToBeCalledIsAndItsResultIsRead() {
		for (var asking : List.of(asked().toolChoice(ToolChoiceAny.builder().disableParallelToolUse(true).build()), asked().toolChoice(ToolChoiceTool.builder().name("weather").disableParallelToolUse(true)
				.build()))) {
			Message answer = client.messages().create(asking.maxTokens(200).addTool(WEATHER).build());
			assertEquals(Optional.of(StopReason.TOOL_USE), answer.stopReason());
			assertEquals(1, calls(answer).size());
			ToolUseBlock call = calls(answer).getFirst();
			assertEquals("weather", call.name());

			Message next = client.messages().create(asked().addTool(WEATHER).toolChoice(ToolChoiceNone.builder().build()).addMessage(answer)
					.addUserMessageOfContentBlockParams(List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder().toolUseId(call.id())
							.content("rain").build()))).build());
			assertFalse(text(next).isEmpty());
		}
	}

	@Test
	void theCallOfAToolIsStreamed() {
		var asking = asked().maxTokens(200).addTool(WEATHER).toolChoice(ToolChoiceAny.builder().disableParallelToolUse(true).build()).build();
		Message streamed = streamed(asking);

		assertEquals(Optional.of(StopReason.TOOL_USE), streamed.stopReason());
		assertEquals(Set.of("city"), calls(streamed).getFirst()._input().convert(Map.class).keySet());
	}

	@Test
	void thePromptOfAMessageIsCounted() {
		long tokens = client.messages().countTokens(MessageCountTokensParams.builder().model(MODEL).system("You are brief.")
				.addUserMessage("What is Meshwork?").build()).inputTokens();

		var usage = client.messages().create(asked().build()).usage();
		assertEquals(tokens, usage.inputTokens() + usage.cacheReadInputTokens().orElse(0L) + usage.cacheCreationInputTokens().orElse(0L));
	}

	@Test
	void aStreamIsCancelledAndTheNodeIsFree() throws Exception {
		try (var stream = client.messages().createStreaming(asked().maxTokens(2000).putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
				.build())) {
			assertTrue(stream.stream().findFirst().isPresent());
		}
		node.awaitIdle(key);
	}

	@Test
	void errorsAreRead() {
		var unknown = assertThrows(NotFoundException.class, () -> client.messages().create(asked("no-such-model").build()));
		assertEquals(Optional.of(ErrorType.NOT_FOUND_ERROR), unknown.errorType());
		var overlong = assertThrows(BadRequestException.class, () -> client.messages().createStreaming(asked().addUserMessage("many words ".repeat(4000))
				.build()));
		assertTrue(overlong.getMessage().contains("prompt is too long"), overlong.getMessage());
		AnthropicClient stranger = client("wrong");
		var refused = assertThrows(UnauthorizedException.class, () -> stranger.messages().create(asked().build()));
		assertEquals(Optional.of(ErrorType.AUTHENTICATION_ERROR), refused.errorType());
		stranger.close();
	}
}
