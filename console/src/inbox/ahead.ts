/** The code of a conversation: fetched when one is opened, or as soon as the list stands, because one is about to be. */
export const loadConversation = () => import("../conversation/ConversationPage");
