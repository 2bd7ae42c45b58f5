package meshwork.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import com.fasterxml.jackson.annotation.JsonProperty;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.internal.Json;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.anthropic.AnthropicStreamingChatModel;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.AiServices;

/** What LangChain4j does with a node, through each of its APIs. */
@Timeout(120)
class LangChain4jTest {

	private static final String MODEL = "starter";
	private static final int TOKENS = 200;
	private static final List<ChatMessage> MESSAGES = List.of(SystemMessage.from("You are brief."), UserMessage.from("What is Meshwork?"));
	private static final ToolSpecification WEATHER = ToolSpecification.builder().name("weather").description("Tells the weather")
			.parameters(JsonObjectSchema.builder().addEnumProperty("city", List.of("Oslo", "Lima")).addIntegerProperty("days").required("city", "days")
					.additionalProperties(false).build()).build();

	@TempDir
	static Path data;
	private static Distribution.Node node;
	private static String key;

	enum Kind {
		NODE, RELAY
	}

	record Facts(@JsonProperty(required = true) Kind kind, boolean open, int ports) {
	}

	/** Reads facts out of a text. */
	interface Reader {
		Facts read(String text);
	}

	/** The APIs that LangChain4j has a client for. */
	enum Api {
		CHAT_COMPLETIONS {
			@Override
			ChatModel model(String name, String key) {
				return OpenAiChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(name).temperature(0.0).maxCompletionTokens(TOKENS)
						.maxRetries(0).parallelToolCalls(false).strictJsonSchema(true).supportedCapabilities(Capability.RESPONSE_FORMAT_JSON_SCHEMA).build();
			}

			@Override
			StreamingChatModel streaming() {
				return OpenAiStreamingChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(MODEL).temperature(0.0)
						.maxCompletionTokens(TOKENS).parallelToolCalls(false).build();
			}
		},
		RESPONSES {
			@Override
			ChatModel model(String name, String key) {
				return OpenAiResponsesChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(name).temperature(0.0).maxOutputTokens(TOKENS)
						.parallelToolCalls(false).strictJsonSchema(true).build();
			}

			@Override
			StreamingChatModel streaming() {
				return OpenAiResponsesStreamingChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(MODEL).temperature(0.0)
						.maxOutputTokens(TOKENS).parallelToolCalls(false).build();
			}
		},
		MESSAGES {
			@Override
			ChatModel model(String name, String key) {
				return AnthropicChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(name).temperature(0.0).maxTokens(TOKENS)
						.maxRetries(0).disableParallelToolUse(true).supportedCapabilities(Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA)).build();
			}

			@Override
			StreamingChatModel streaming() {
				return AnthropicStreamingChatModel.builder().baseUrl(node.url() + "/v1").apiKey(key).modelName(MODEL).temperature(0.0).maxTokens(TOKENS)
						.disableParallelToolUse(true).build();
			}
		};

		abstract ChatModel model(String name, String key);

		abstract StreamingChatModel streaming();

		ChatModel model() {
			return model(MODEL, key);
		}
	}

	/** Keeps what a stream tells. */
	private static class Heard implements StreamingChatResponseHandler {

		final StringBuilder text = new StringBuilder();
		final StringBuilder arguments = new StringBuilder();
		final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();

		@Override
		public void onPartialResponse(String partial) {
			text.append(partial);
		}

		@Override
		public void onPartialToolCall(PartialToolCall partial) {
			arguments.append(partial.partialArguments());
		}

		@Override
		public void onCompleteResponse(ChatResponse response) {
			whole.complete(response);
		}

		@Override
		public void onError(Throwable error) {
			whole.completeExceptionally(error);
		}

		ChatResponse awaited() throws Exception {
			return whole.get(60, TimeUnit.SECONDS);
		}
	}

	@BeforeAll
	static void start() throws Exception {
		key = Distribution.run(data, "key", "new", "sdk").out().strip();
		node = new Distribution.Node(data);
	}

	@AfterAll
	static void stop() throws Exception {
		node.close();
	}

	private static ChatRequest.Builder asking(ToolChoice choice) {
		return ChatRequest.builder().messages(MESSAGES).toolSpecifications(WEATHER).toolChoice(choice);
	}

	private static void isOfTheTool(ToolExecutionRequest call) {
		assertEquals(WEATHER.name(), call.name());
		assertFalse(call.id().isEmpty());
		Map<?, ?> arguments = Json.fromJson(call.arguments(), Map.class);
		assertEquals(Set.of("city", "days"), arguments.keySet());
		assertTrue(Set.of("Oslo", "Lima").contains(arguments.get("city")));
	}

	@ParameterizedTest
	@EnumSource
	void aChatIsAnswered(Api api) {
		ChatResponse answer = api.model().chat(MESSAGES);

		assertFalse(answer.aiMessage().text().isEmpty());
		assertEquals(MODEL, answer.modelName());
		assertTrue(Set.of(FinishReason.STOP, FinishReason.LENGTH).contains(answer.finishReason()));
		assertTrue(answer.tokenUsage().inputTokenCount() > 0);
		assertTrue(answer.tokenUsage().outputTokenCount() > 0);
	}

	@ParameterizedTest
	@EnumSource
	void aStreamHasTheSameTextAsAnAnswerAtOnce(Api api) throws Exception {
		ChatResponse whole = api.model().chat(MESSAGES);
		var heard = new Heard();
		api.streaming().chat(MESSAGES, heard);

		ChatResponse streamed = heard.awaited();
		assertEquals(whole.aiMessage().text(), heard.text.toString());
		assertEquals(whole.aiMessage().text(), streamed.aiMessage().text());
		assertEquals(whole.finishReason(), streamed.finishReason());
		assertEquals(whole.tokenUsage().outputTokenCount(), streamed.tokenUsage().outputTokenCount());
	}

	@ParameterizedTest
	@EnumSource
	void aRecordIsReadOutOfAText(Api api) {
		Facts facts = AiServices.create(Reader.class, api.model()).read("A relay that is open, with three ports.");

		assertNotNull(facts.kind());
	}

	@ParameterizedTest
	@EnumSource
	void aToolThatHasToBeCalledIsAndItsResultIsRead(Api api) {
		AiMessage answer = api.model().chat(asking(ToolChoice.REQUIRED).build()).aiMessage();
		answer.toolExecutionRequests().forEach(LangChain4jTest::isOfTheTool);
		assertTrue(answer.hasToolExecutionRequests());

		ChatResponse next = api.model().chat(asking(ToolChoice.NONE).messages(MESSAGES.get(0), MESSAGES.get(1), answer,
				ToolExecutionResultMessage.from(answer.toolExecutionRequests().getFirst(), "rain")).build());
		assertFalse(next.aiMessage().text().isEmpty());
		assertFalse(next.aiMessage().hasToolExecutionRequests());
	}

	@ParameterizedTest
	@EnumSource
	void theCallOfAToolIsStreamed(Api api) throws Exception {
		var heard = new Heard();
		api.streaming().chat(asking(ToolChoice.REQUIRED).build(), heard);

		ChatResponse streamed = heard.awaited();
		List<ToolExecutionRequest> calls = streamed.aiMessage().toolExecutionRequests();
		assertEquals(FinishReason.TOOL_EXECUTION, streamed.finishReason());
		assertFalse(calls.isEmpty());
		calls.forEach(LangChain4jTest::isOfTheTool);
		assertEquals(String.join("", calls.stream().map(ToolExecutionRequest::arguments).toList()), heard.arguments.toString());
	}

	@ParameterizedTest
	@EnumSource
	void aStreamIsLeftAndTheNodeIsFree(Api api) throws Exception {
		var left = new CompletableFuture<Void>();
		var heard = new Heard() {
			@Override
			public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
				context.streamingHandle().cancel();
				left.complete(null);
			}
		};
		api.streaming().chat(MESSAGES, heard);
		CompletableFuture.anyOf(left, heard.whole).get(60, TimeUnit.SECONDS);

		node.awaitIdle(key);
	}

	@ParameterizedTest
	@EnumSource
	void errorsAreRead(Api api) {
		assertThrows(ModelNotFoundException.class, () -> api.model("no-such-model", key).chat(MESSAGES));
		assertThrows(AuthenticationException.class, () -> api.model(MODEL, "wrong").chat(MESSAGES));
		assertThrows(InvalidRequestException.class, () -> api.model().chat("many words ".repeat(4000)));
	}
}
