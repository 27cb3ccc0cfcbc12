"""The fixed sentences and names that citizens read, whatever channel they use."""

MASKED = {
    "identity_number": "身份证号",
    "phone": "电话号码",
    "bank_card": "银行卡号",
    "email": "邮箱地址",
    "passport": "护照号",
}
"""What was masked, by the kind of personal data."""
MEDIA = {
    "voice": "语音",
    "photo": "照片",
    "document": "文件",
    "video": "视频",
    "other": "这类消息",
}
"""What cannot be read here, by kind."""
SMALL_TALK = {
    "greeting": "您好，这里解答政府信息公开方面的咨询。请直接说您想问什么，或者从下面选一个。",
    "thanks": "不客气。还有想问的，接着说就行。",
    "chat": "这里只解答政府信息公开方面的咨询。有这方面想问的，请直接说。",
    "farewell": "好的，再见。以后有政府信息公开方面的问题，随时来问。",
    "emoji": "收到了。想问什么，请用一两句话说说。",
    "blank": "这条消息里没有文字。请用一两句话说说您想问什么。",
    "test": "收到，这里能正常使用。想问政府信息公开方面的事，请直接说。",
    "abuse": "让您着急了，抱歉。请用一两句话说说是什么事；也可以按“转人工”，由工作人员回您。",
    "receipt": "查办到哪了，要受理编号和四位查询码两个号：网页上按“查进度”填写，Telegram 里发"
    "“/status 受理编号 查询码”，也可以打电话报这两个号。",
    "no_matter": "请先用一两句话说说是什么事，我再帮您查。",
}
"""The answer to what asks nothing, by its kind."""
DECLINED = {
    "privacy": "这个不能查，也不能提供：它涉及别人的隐私，或者是依法不能公开的内容。"
    "查自己的信息，请带身份证到办理的机关。",
    "illegal": "这个帮不了您，也不能提供。要查政府公开的信息，可以直接说想查什么。",
    "off_topic": "这里只解答政府信息公开方面的问题，这件事帮不上您。"
    "想问怎么查文件、怎么申请公开、多久答复，可以直接说。",
}
"""Why something is not answered, by the ladder's reason."""
STATES = {
    "OPEN_BOT": "已经给了答复，等您看看是否解决",
    "OPEN_QUEUE": "已登记，等工作人员接手",
    "OPEN_STAFF": "工作人员正在办理",
    "TRANSFERRED": "已转给承办部门",
    "WAITING_CITIZEN": "等您补充材料",
    "EXTENDED": "已延期，正在办理",
}
"""Where an open consultation stands, by its state."""
WITHDRAWN = {
    "": "已经撤回，这件咨询不再办理。",
    "solved": "解决了就好，这件咨询办结了，工作人员不再办理。还想问，直接再说就行。",
}
"""That a consultation is over because its citizen says so, by why."""
