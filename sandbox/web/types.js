/**
 * Shapes that travel through the page. Payloads are Discord's own; only the fields the page reads are named.
 *
 * @typedef {{id: string, username: string, global_name?: string|null, avatar?: string|null, bot?: boolean, guild_ids?: string[]}} User
 * @typedef {{user: User, nick?: string|null, roles: string[]}} Member
 * @typedef {{id: string, name: string, color: number, hoist?: boolean, position: number}} Role
 * @typedef {{id: string, name: string, animated?: boolean}} GuildEmoji
 * @typedef {{id: string, type: number, name?: string, guild_id?: string, parent_id?: string|null, position?: number, topic?: string|null, my_permissions?: string,
 *   recipients?: User[], last_message_id?: string|null, message_count?: number, available_tags?: {id: string, name: string}[], applied_tags?: string[],
 *   thread_metadata?: {archived: boolean, locked: boolean}, owner_id?: string}} Channel
 * @typedef {{id: string, name: string, owner_id?: string, channels: Channel[], threads: Channel[], roles: Role[], members: Member[], emojis: GuildEmoji[],
 *   guild_scheduled_events: ScheduledEvent[], my_permissions?: string}} Guild
 * @typedef {{id: string, name: string, status: number, scheduled_start_time: string, scheduled_end_time?: string|null, description?: string|null, channel_id?: string|null,
 *   entity_metadata?: {location?: string}|null}} ScheduledEvent
 * @typedef {{id: string, filename: string, size?: number, url: string, content_type?: string, description?: string, width?: number, height?: number}} Attachment
 * @typedef {{id?: string|null, name?: string|null, animated?: boolean}} Emoji
 * @typedef {Record<string, any>} Component
 * @typedef {Record<string, any>} Embed
 * @typedef {{id: string, channel_id: string, guild_id?: string, author: User, content: string, timestamp: string, edited_timestamp?: string|null, flags?: number, type: number,
 *   attachments?: Attachment[], embeds?: Embed[], components?: Component[], reactions?: {emoji: Emoji, count: number, me?: boolean}[], poll?: any, pinned?: boolean,
 *   referenced_message?: Message|null, message_reference?: {message_id?: string, channel_id?: string}, interaction_metadata?: any, interaction?: any, mentions?: User[],
 *   thread?: Channel, application_id?: string, webhook_id?: string, position?: number}} Message
 * @typedef {{id: string, application_id: string, name: string, description: string, type: number, options?: any[]}} Command
 * @typedef {{id: string, name: string, user: User, online: boolean}} Application
 * @typedef {{id: string, type: number, command: string|null, custom_id: string|null, channel_id: string, message_id?: string,
 *   response_message_id?: string, deferred?: boolean, settled_by?: string, state: "sent"|"thinking"|"done"|"modal"|"failed", modal?: {title: string, custom_id: string, components: Component[]}, error?: string}} InteractionState
 */
export {};
